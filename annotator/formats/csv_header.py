"""The first line of a CSV file: what parts its columns, and what they are called."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from annotator.domain.saying import gettext
from annotator.formats.json_values import zip_unique
from annotator.formats.rows import MAX_COLUMNS, UnreadableFile
from annotator.formats.spellings import lacking, place_of

SEPARATORS = (",", ";", "\t", "|")
_EXCEL_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """How the records of a file are read."""

    separator: str
    raw: list[str]
    """Its cells without outer blanks, to know a repeated header by."""
    names: list[str]
    """One for each column, none empty, none twice."""
    is_spaced: bool
    """Blanks follow the separator, and belong to no cell."""

    @property
    def lacks(self) -> str:
        """The required columns that are not there; empty if none."""
        return lacking({place[0] for name in self.names if (place := place_of(name))})


def excel_separator(line: str) -> str:
    """What Excel's first line `sep=;` names; empty for any other line."""
    found = _EXCEL_SEP.fullmatch(line)
    return found[1] if found else ""


def header_of(text: str, separator: str = "") -> Header:
    """The header by the separator under which the wanted columns are found; without
    them by the one that parts the most.

    UnreadableFile: it cannot be read, or there are too many columns.
    """
    found, faults = [], []
    for sign in (separator,) if separator else SEPARATORS:
        try:
            found.append(_header(text, sign))
        except csv.Error as fault:
            faults.append(fault)
    whole = next((header for header in found if not header.lacks), None)
    if whole:
        return whole
    if faults:
        raise UnreadableFile(
            gettext("The header of the CSV file cannot be read: %(fault)s.")
            % {"fault": faults[0]}
        )
    return max(found, key=lambda header: len(header.raw))


def _header(text: str, separator: str) -> Header:
    cells = next(csv.reader([text], delimiter=separator, strict=True), [])
    is_spaced = len(cells) > 1 and all(cell.startswith(" ") for cell in cells[1:])
    if is_spaced:
        cells = _spaced(text, separator)
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(
            gettext("The CSV file has %(count)s columns; %(most)s are allowed.")
            % {"count": f"{len(cells):,}", "most": f"{MAX_COLUMNS:,}"}
        )
    raw = [cell.strip() for cell in cells]
    named = [(cell or f"column {n}", n) for n, cell in enumerate(raw, 1)]
    names = [name for name, _ in zip_unique(named)]
    return Header(separator, raw, names, is_spaced)


def _spaced(text: str, separator: str) -> list[str]:
    reader = csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True)
    return next(reader, [])
