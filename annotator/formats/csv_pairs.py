"""CSV with a header line, in UTF-8, read record by record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, Self

from annotator.formats.keys import RAW_KEYS, problem_of, read_row
from annotator.formats.rows import (
    MAX_SOURCE_CHARS,
    PairRow,
    RowProblem,
    UnreadableFile,
)

MAX_RECORD_CHARS = 2_000_000
csv.field_size_limit(2 * MAX_RECORD_CHARS)  # ours comes first, and can be mended


class _Lines:
    """The lines of the file, with what is known of the record at hand."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.last = 0
        self.begin_record()

    def begin_record(self) -> None:
        self.first = self.last + 1
        self.source = ""
        self._size = self._quotes = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_RECORD_CHARS)
        if not line:
            raise StopIteration
        self.last += 1
        if not self.source.strip():
            self.first, self.source = self.last, ""
        self.source += line[: MAX_SOURCE_CHARS - len(self.source)]
        self._quotes += line.count('"')
        self._size += len(line)
        if self._size > MAX_RECORD_CHARS:
            raise csv.Error(f"it has more than {MAX_RECORD_CHARS:,} characters")
        return line

    def finish_record(self) -> None:
        """Go to the end of a broken record: where its quotation marks pair up.

        To go on at the next line would take the rest of a quoted text for rows.
        """
        while self._quotes % 2 and (line := self._text.readline(MAX_RECORD_CHARS)):
            self.last += 1
            self._quotes += line.count('"')


def read(file: BinaryIO) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered from 1, the header not counted; problems name the line."""
    # Bytes that are no UTF-8 become half surrogates, which read_row refuses by row.
    text = io.TextIOWrapper(
        file, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    try:
        lines = _Lines(text)
        reader = csv.DictReader(lines, strict=True)
        _require_columns(_header(reader))
        yield from _rows(reader, lines)
    finally:
        text.detach()


def _header(reader: csv.DictReader[str]) -> set[str]:
    try:
        names = [name.strip() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise UnreadableFile(
            f"The header of the CSV file cannot be read: {error}."
        ) from None
    reader.fieldnames = names
    return set(names)


def _require_columns(columns: set[str]) -> None:
    missing = [
        name
        for name in ("instruction", "response")
        if not columns & set(RAW_KEYS[name])
    ]
    if missing:
        wanted = "; ".join(
            f"{name} (as {' or '.join(RAW_KEYS[name])})" for name in missing
        )
        raise UnreadableFile(f"The CSV file lacks the column {wanted}.")


def _rows(reader: csv.DictReader[str], lines: _Lines) -> Iterator[PairRow | RowProblem]:
    number = 0
    while True:
        number += 1
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.finish_record()
            message = f"the record cannot be read: {error}"
            yield _placed(problem_of(number, message, lines.source), lines)
        else:
            yield _placed(_row(number, cells), lines)


def _row(number: int, cells: dict[str, Any]) -> PairRow | RowProblem:
    if None in cells:
        return problem_of(number, "the row has more cells than the header", cells)
    return read_row(number, cells)


def _placed(row: PairRow | RowProblem, lines: _Lines) -> PairRow | RowProblem:
    """Say where a problem is: spreadsheets count the header, editors count lines."""
    if isinstance(row, PairRow):
        return row
    place = f"line {lines.first}"
    if lines.last > lines.first:
        place = f"lines {lines.first} to {lines.last}"
    message = f"{row.message} (row {row.number} after the header, {place})"
    return replace(row, message=message)


def write(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None
) -> Iterator[str]:
    """The header, then one record a row.

    Columns are the given ones, else the first row's keys. ValueError: a row has
    a key that is no column.
    """
    line = io.StringIO(newline="")
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(line, columns or list(row))
            writer.writeheader()
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
