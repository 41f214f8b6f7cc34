"""What a file of pairs is taken for: told once, and the same in another process."""

from __future__ import annotations

from collections.abc import Mapping as Object
from dataclasses import dataclass, field
from typing import BinaryIO

from annotator.formats.keys import read_row
from annotator.formats.reading import read_pairs
from annotator.formats.row_stream import RowStream, by_bytes
from annotator.formats.rows import ReadRow
from annotator.formats.rules import parsing
from annotator.formats.rules.parsing import LogPattern
from annotator.formats.shapes.mapping import Mapping, reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How the rows of a file are to be read."""

    name: str
    mapping: Object[str, str] = field(default_factory=dict)
    """Which column is what (shapes/mapping); empty: by the usual names."""
    encoding: str = ""
    """One of `encodings.NAMES`, taken at its word; empty: it is told apart."""
    pattern: LogPattern | None = None
    """By which a line of a log becomes a pair; None: it is no log."""

    @property
    def read_row(self) -> ReadRow:
        """What one decoded row means."""
        if not self.mapping:
            return read_row
        return reader(Mapping.from_dict(self.mapping))

    def rows(self, file: BinaryIO) -> RowStream:
        """The rows of the file, from its start; raises as `reading.read_pairs`."""
        if self.pattern:
            return rows_of_log(file, self.pattern)
        return read_pairs(
            file,
            name=self.name,
            read_row=self.read_row,
            encoding=self.encoding,
            any_columns=True,
        )


def rows_of_log(file: BinaryIO, pattern: LogPattern) -> RowStream:
    """The rows of a log."""
    size = file.seek(0, 2)
    file.seek(0)
    return by_bytes(parsing.read(file, pattern), file, size)
