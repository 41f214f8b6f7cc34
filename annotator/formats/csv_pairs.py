"""CSV with a header line, in UTF-8, read record by record."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, BinaryIO

from annotator.domain.saying import gettext
from annotator.formats import csv_text
from annotator.formats.csv_header import Header, excel_separator, header_of
from annotator.formats.csv_lines import MAX_RECORD_CHARS, Lines
from annotator.formats.keys import problem_of
from annotator.formats.rows import FileRemark, ReadRow, Row, RowProblem, UnreadableFile

__all__ = ["MAX_RECORD_CHARS", "read", "write"]

_SPACED_QUOTE = re.compile(r' +"')
_SPACED_CELL = re.compile(r' +"[^"]*"\s*')


def read(file: BinaryIO, read_row: ReadRow) -> Iterator[Row]:
    """Rows are numbered from 1, the header not counted; problems name the line."""
    # Bytes that are no UTF-8 become half surrogates, which read_row refuses by row.
    text = io.TextIOWrapper(
        file, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    try:
        lines = Lines(text)
        header = _header(lines)
        yield from _Records(lines, header, read_row).rows()
    finally:
        text.detach()


def _header(lines: Lines) -> Header:
    text = _record(lines)
    separator = excel_separator(text)
    text = _record(lines) if separator else text
    return header_of(text, separator)


def _record(lines: Lines) -> str:
    """The next record, unread."""
    lines.begin_record()
    try:
        next(line for line in lines if lines.has_text and lines.is_closed)
    except StopIteration:
        pass
    except csv.Error as error:
        raise UnreadableFile(
            gettext("The header of the CSV file cannot be read: %(error)s.")
            % {"error": error}
        ) from None
    return "".join(lines.record)


class _Records:
    """The records after the header."""

    def __init__(self, lines: Lines, header: Header, read_row: ReadRow) -> None:
        self.lines = lines
        self.read_row = read_row
        self.header = header
        self.reader = self._reader(lines, spaced=header.is_spaced)

    def _reader(self, lines: Iterable[str], *, spaced: bool) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self.header.separator,
            strict=True,
            skipinitialspace=spaced,
        )

    def rows(self) -> Iterator[Row]:
        number = 0
        while True:
            self.lines.begin_record()
            try:
                cells = self._cells()
            except StopIteration:
                return
            except csv.Error as error:
                self.lines.finish_record()
                number += 1
                yield self._placed(self._broken(number, error))
            else:
                if any(cells):  # spreadsheets end in lines of nothing but separators
                    number += 1
                    yield self._placed(self._row(number, cells))

    def _cells(self) -> list[str]:
        cells = next(self.reader)
        while not cells:
            self.lines.begin_record()
            cells = next(self.reader)
        if any(map(_SPACED_QUOTE.match, cells)) and not self.header.is_spaced:
            return self._without_blanks(cells)
        return cells

    def _without_blanks(self, cells: list[str]) -> list[str]:
        """The record once more, without the blanks before its quotation marks.

        A text that begins so, and is quoted itself, comes out as it was.
        """
        record = list(self.lines.record)
        try:
            return next(self._reader(record, spaced=True))
        except csv.Error:
            if self._goes_on(cells):
                return next(self._reader(chain(record, self.lines), spaced=True))
            if not any(cell.rstrip().endswith('"') for cell in cells):
                return cells
            raise

    def _goes_on(self, cells: list[str]) -> bool:
        """Whether a text with line ends in it was cut; not at `12" pipe`."""
        is_spaced = any(map(_SPACED_CELL.fullmatch, cells))
        is_cut = is_spaced or len(cells) != len(self.header.names)
        return is_cut and not self.lines.is_closed

    def _row(self, number: int, cells: list[str]) -> Row:
        names = self.header.names
        if [cell.strip() for cell in cells] == self.header.raw:
            return FileRemark(
                message=gettext("Row %(row)s repeats the header, and is no pair.")
                % {"row": number}
            )
        if any(cells[len(names) :]):
            return problem_of(
                number,
                gettext("the row has more cells than the header"),
                self.lines.source,
            )
        row = dict(zip(names, cells, strict=False))
        for blank in self._blank_named(row):
            del row[blank]
        return self.read_row(number, row)

    def _blank_named(self, row: Mapping[str, str]) -> list[str]:
        raw = zip(self.header.names, self.header.raw, strict=True)
        return [name for name, cell in raw if not cell and not row.get(name, "?")]

    def _broken(self, number: int, error: csv.Error) -> RowProblem:
        source = self.lines.source
        why = str(error)
        if "unexpected end of data" in why:
            why = gettext("a quotation mark is opened in it and never closed")
        elif '\\"' in source:
            why = gettext(
                "quotation marks within its texts follow a backslash, as Spark writes "
                "them: write each of them twice instead"
            )
        told = gettext("the row cannot be read: %(why)s") % {"why": why}
        return problem_of(number, told, source)

    def _placed(self, row: Row) -> Row:
        """Say where a problem is: spreadsheets count the header, editors lines."""
        if not isinstance(row, RowProblem):
            return row
        lines = self.lines
        place = {"first": lines.first, "last": lines.last, "count": f"{lines.count:,}"}
        told = gettext(
            "%(problem)s (row %(row)s after the header, lines %(first)s to %(last)s: "
            "%(count)s lines were taken for one row)"
        )
        if lines.count == 1:
            told = gettext("%(problem)s (row %(row)s after the header, line %(first)s)")
        place |= {"problem": row.message, "row": row.number}
        return replace(row, message=told % place)


def write(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None
) -> Iterator[str]:
    """The header, then one record a row, every cell quoted.

    Columns are the given ones, else the first row's keys. ValueError: a row has
    a key that is no column.
    """
    whole = iter(rows)
    first = list(islice(whole, 1))
    if not first:
        return
    names = list(columns or first[0])
    yield from csv_text.lines(names, _cells(chain(first, whole), names), quoted=True)


def _cells(
    rows: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> Iterator[list[Any]]:
    for row in rows:
        if unknown := row.keys() - set(names):
            raise ValueError(f"no column for {', '.join(sorted(unknown))}")
        yield [row.get(name, "") for name in names]
