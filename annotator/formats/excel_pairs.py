"""The first sheet of an Excel workbook (xlsx) that has the columns of a pair.

A cell is the value that was stored: of a formula its last result. Whole numbers are
whole (3.0 is 3), days and times are ISO 8601, faults such as `#DIV/0!` stay words.
"""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from annotator.domain.saying import gettext
from annotator.formats.json_values import zip_unique
from annotator.formats.row_stream import RowStream
from annotator.formats.rows import (
    MAX_COLUMNS,
    FileRemark,
    ReadRow,
    Row,
    UnreadableFile,
)
from annotator.formats.spellings import lacking, place_of

MAX_XML = 2_000_000_000
"""Bytes of the workbook's parts, when unpacked."""
MAX_TEXTS = 300_000_000
"""Bytes of its different texts, which are held in memory while it is read."""
_TEXTS = "xl/sharedStrings.xml"
HEADER_ROWS = 20
"""Among so many first rows the header is looked for: titles may stand above it."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_FAULTS = (
    *(zipfile.BadZipFile, InvalidFileException, SyntaxError, EOFError, OSError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError),
)
Cells = Sequence[Any]


def read(file: BinaryIO, read_row: ReadRow, *, name: str) -> RowStream:
    """Rows are numbered from 1, the header not counted.

    Where no sheet has the columns of a pair, the first one that holds anything is read.
    """
    _check_size(file, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # on styles and pictures, which are not read
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [each for each in book if isinstance(each, ReadOnlyWorksheet)]
    except _FAULTS as fault:
        raise _broken(name, fault) from None
    reading = _Sheets(name, sheets, read_row)
    return RowStream(reading.rows(), lambda: reading.share)


def _check_size(file: BinaryIO, name: str) -> None:
    with zipfile.ZipFile(file) as parts:
        sizes = {part.filename: part.file_size for part in parts.infolist()}
    for what, size, most in (
        (gettext("bytes"), sum(sizes.values()), MAX_XML),
        (gettext("bytes of texts"), sizes.get(_TEXTS, 0), MAX_TEXTS),
    ):
        if size > most:
            raise UnreadableFile(
                gettext(
                    "%(name)s has %(size)s %(what)s when unpacked; %(most)s are "
                    "allowed for a workbook: save the sheet as CSV (UTF-8)."
                )
                % {"name": name, "size": f"{size:,}", "what": what, "most": f"{most:,}"}
            )


def _broken(name: str, fault: Exception) -> UnreadableFile:
    why = str(fault).partition("\n")[0][:200]
    return UnreadableFile(
        gettext(
            "%(name)s is an Excel workbook that cannot be read (%(why)s): open it and "
            "save it again, or save the sheet as CSV (UTF-8)."
        )
        % {"name": name, "why": why}
    )


class _Sheets:
    """A workbook on its way."""

    def __init__(
        self,
        name: str,
        sheets: Sequence[ReadOnlyWorksheet],
        read_row: ReadRow,
    ) -> None:
        self.name = name
        self.sheets = sheets
        self.read_row = read_row
        self.line = self.total = 0

    @property
    def share(self) -> float:
        return self.line / self.total if self.total else 0.0

    def rows(self) -> Iterator[Row]:
        sizes = {sheet.title: sheet.max_row or 0 for sheet in self.sheets}
        for sheet in self.sheets:
            sheet.reset_dimensions()  # which some programs write wrongly
        sheet, line = self._chosen()
        self.total = sizes[sheet.title]
        others = [each.title for each in self.sheets if each is not sheet]
        if others:
            shown = ", ".join(others)[:1000]
            yield FileRemark(
                message=gettext(
                    "The sheet %(sheet)r is read; these are not: %(others)s."
                )
                % {"sheet": sheet.title, "others": shown}
            )
        lines = self._lines(sheet)
        header = next(islice(lines, line, None))
        yield from self._pairs(lines, header, line + 1)

    def _chosen(self) -> tuple[ReadOnlyWorksheet, int]:
        """The sheet, and how many lines stand above its header."""
        starts = [(sheet, self._start(sheet)) for sheet in self.sheets]
        for sheet, start in starts:
            for line, names in enumerate(start):
                if names and not _lacks(names):
                    return sheet, line
        filled = ((sheet, _first_of(start)) for sheet, start in starts if any(start))
        found = next(filled, None)
        if not found:
            raise UnreadableFile(
                gettext("%(name)s is an Excel workbook without a cell.")
                % {"name": self.name}
            )
        return found

    def _start(self, sheet: ReadOnlyWorksheet) -> list[list[str]]:
        return [_filled(cells) for cells in islice(self._lines(sheet), HEADER_ROWS)]

    def _lines(self, sheet: ReadOnlyWorksheet) -> Iterator[Cells]:
        whole = sheet.iter_rows(values_only=True)
        while True:
            try:
                cells = next(whole, None)
            except _FAULTS as fault:
                raise _broken(self.name, fault) from None
            if cells is None:
                return
            yield [_plain(cell) for cell in cells]

    def _pairs(self, lines: Iterator[Cells], header: Cells, line: int) -> Iterator[Row]:
        names = _names(header, self.name)
        number, self.line = 0, line
        for cells in lines:
            self.line += 1
            if not _filled(cells):
                continue
            number += 1
            row = _named(names, header, cells)
            yield self.read_row(number, row)


def _first_of(start: Sequence[Sequence[str]]) -> int:
    """The first line of several cells, for one cell alone is a title; else of any."""
    least = min(2, max(map(len, start)))
    return next(line for line, names in enumerate(start) if len(names) >= least)


def _named(names: Sequence[str], header: Cells, cells: Cells) -> Mapping[str, Any]:
    """By column; columns without a name count where they hold something."""
    width = max(len(names), len(cells))
    whole = [*cells, *[None] * (width - len(cells))]
    every = [*names, *(f"column {n}" for n in range(len(names) + 1, width + 1))]
    is_named = [cell not in (None, "") for cell in header]
    is_named += [False] * (width - len(is_named))
    return {
        name: cell
        for name, cell, keep in zip(every, whole, is_named, strict=True)
        if keep or cell not in (None, "")
    }


def _names(header: Cells, name: str) -> list[str]:
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            gettext("%(name)s has %(count)s columns; %(most)s are allowed.")
            % {"name": name, "count": f"{len(header):,}", "most": f"{MAX_COLUMNS:,}"}
        )
    named = [
        (str(cell).strip() if cell is not None else "", n)
        for n, cell in enumerate(header, 1)
    ]
    unique = zip_unique([(text or f"column {n}", n) for text, n in named])
    return [text for text, _ in unique]


def _filled(cells: Cells) -> list[str]:
    return [str(cell) for cell in cells if cell not in (None, "")]


def _lacks(names: Sequence[str]) -> str:
    return lacking({place[0] for name in names if (place := place_of(name))})


def _plain(cell: Any) -> Any:
    match cell:
        case str():
            return _unescaped(cell)
        case bool() | int() | None:
            return cell
        case float():
            return int(cell) if cell.is_integer() else cell
        case datetime.datetime():
            is_day = cell.time() == datetime.time()
            return cell.date().isoformat() if is_day else cell.isoformat()
        case datetime.date() | datetime.time():
            return cell.isoformat()
    return str(cell)


def _unescaped(text: str) -> str:
    """`_x000D_` is how Excel writes a sign that XML does not hold."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text)
