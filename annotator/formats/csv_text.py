"""CSV as it is written here: one writer for all of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BOM = "\ufeff"
"""Without it Excel takes the file for one of its own country's encoding."""


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(
    heads: Sequence[str], rows: Iterable[Sequence[Any]], *, quoted: bool = False
) -> Iterator[str]:
    """The byte order mark and the header, then a record a row; `quoted`: every cell.

    Quoted, a cell that begins with blanks or with a byte order mark is read back as it
    was by every reader.
    """
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    yield BOM + writer.writerow(heads)
    for row in rows:
        yield writer.writerow(row)
