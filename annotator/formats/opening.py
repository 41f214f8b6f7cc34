"""Open a file by its bytes, through all that it is packed in."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, BinaryIO, cast

from annotator.domain.saying import gettext
from annotator.formats import archives, encodings, text_files, unpacking
from annotator.formats.first_bytes import START, ZIP, kind_of, table_of
from annotator.formats.row_stream import RowStream, by_bytes
from annotator.formats.rows import (
    FileRemark,
    PairRow,
    ReadRow,
    Row,
    RowProblem,
    UnreadableFile,
)
from annotator.formats.unpacking import Budget, Packing

MAX_LAYERS = 3
"""A zip archive of files in gzip has two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read."""

    read_row: ReadRow
    encoding: str = ""
    any_columns: bool = False
    """Tables may lack the columns of a pair."""
    budget: Budget = field(default_factory=Budget)
    layers: int = 0


Opener = Callable[[BinaryIO, str, Reading], RowStream]


def rows_of(file: BinaryIO, name: str, how: Reading) -> RowStream:
    """The rows of a file at its start; UnreadableFile where it is of no use."""
    start = file.read(START)
    file.seek(0)
    if how.layers > MAX_LAYERS:
        raise UnreadableFile(
            gettext("%(name)s is packed too many times: unpack it first.")
            % {"name": name}
        )
    if packing := unpacking.packing_of(start):
        return _unpacked(file, name, packing, replace(how, layers=how.layers + 1))
    if start.startswith(ZIP):
        return _zipped(file, name, replace(how, layers=how.layers + 1))
    if kind := table_of(start):
        # Libraries of this size are loaded only by those who read such files.
        from annotator.formats import arrow_pairs

        return arrow_pairs.READERS[kind](
            file, how.read_row, name=name, budget=how.budget
        )
    if not how.encoding and not encodings.wide(file) and (kind := kind_of(start)):
        raise UnreadableFile(
            gettext("%(name)s is %(kind)s.") % {"name": name, "kind": kind}
        )
    inner, encoding = encodings.in_utf8(
        file, name=name, encoding=how.encoding, budget=how.budget
    )
    if inner is None:
        return _text(file, name, how)
    remark = gettext("The file was in %(encoding)s, and was converted to UTF-8.") % {
        "encoding": encoding.upper()
    }
    return _within(inner, name, how, remark, read=_text)


def _text(file: BinaryIO, name: str, how: Reading) -> RowStream:
    size = file.seek(0, 2)
    read = text_files.reader_of(file, name, any_columns=how.any_columns)
    return by_bytes(read(file, how.read_row), file, size)


def _unpacked(file: BinaryIO, name: str, packing: Packing, how: Reading) -> RowStream:
    inner = unpacking.unpacked(file, packing, name=name, budget=how.budget)
    remark = gettext("The file was compressed with %(packing)s, and was unpacked.") % {
        "packing": packing.name
    }
    return _within(inner, name.removesuffix(f".{packing.ending}"), how, remark)


def _within(
    inner: IO[bytes], name: str, how: Reading, *remarks: str, read: Opener | None = None
) -> RowStream:
    """The rows of a file that is closed behind its last one."""
    try:
        rows = (read or rows_of)(cast(BinaryIO, inner), name, how)
    except BaseException:
        inner.close()
        raise
    return RowStream(_closing(rows, inner, remarks), lambda: rows.share)


def _closing(
    rows: Iterator[Row], inner: IO[bytes], remarks: tuple[str, ...]
) -> Iterator[Row]:
    with inner:
        for remark in remarks:
            yield FileRemark(message=remark)
        yield from rows


def _zipped(file: BinaryIO, name: str, how: Reading) -> RowStream:
    archive = archives.opened(file, name=name)
    if archives.WORKBOOK in archive.namelist():
        return _workbook(file, name, how)
    reading = _Members(archive, name, archives.chosen(archive, name=name), how)
    return RowStream(reading.rows(), lambda: reading.share)


def _workbook(file: BinaryIO, name: str, how: Reading) -> RowStream:
    from annotator.formats import excel_pairs

    return excel_pairs.read(file, how.read_row, name=name)


class _Members:
    """The files of an archive on their way, as if they were one."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        name: str,
        chosen: archives.Chosen,
        how: Reading,
    ) -> None:
        self.archive, self.name, self.how = archive, name, how
        self.chosen = chosen
        self.now: RowStream | None = None
        self.size = self.before = self.last = 0

    @property
    def share(self) -> float:
        if not self.chosen.size:
            return 1.0
        inner = self.size * self.now.share if self.now else 0.0
        return (self.before + inner) / self.chosen.size

    def rows(self) -> Iterator[Row]:
        for remark in self.chosen.remarks:
            yield FileRemark(message=remark)
        for member in self.chosen.members:
            before = self.last
            for row in self._opened(member):
                yield self._placed(row, before, archives.name_of(member))
            self.before += member.file_size
            self.now = None

    def _opened(self, member: zipfile.ZipInfo) -> RowStream:
        name = f"{self.name}: {archives.name_of(member)}"
        inner = archives.unpacked(
            self.archive, member, name=name, budget=self.how.budget
        )
        self.size = member.file_size
        read_row = _behind(self.last, self.how.read_row)
        self.now = _within(inner, name, replace(self.how, read_row=read_row))
        return self.now

    def _placed(self, row: Row, before: int, member: str) -> Row:
        """Numbers go on from file to file; a problem says in which one it is."""
        is_alone = len(self.chosen.members) == 1
        match row:
            case FileRemark():
                return (
                    row if is_alone else FileRemark(message=f"{member}: {row.message}")
                )
            case RowProblem() if not is_alone:
                message = f"{member}, row {row.number}: {row.message}"
                row = replace(row, number=before + row.number, message=message)
        self.last = max(self.last, row.number)
        return row


def _behind(before: int, read_row: ReadRow) -> ReadRow:
    """Pairs are numbered on; problems keep the number that they have in their file."""
    if not before:
        return read_row

    def read(number: int, row: object) -> PairRow | RowProblem:
        found = read_row(before + number, row)
        return replace(found, number=number) if isinstance(found, RowProblem) else found

    return read
