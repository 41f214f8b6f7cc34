"""The lines of a CSV file, with what is known of the record at hand."""

from __future__ import annotations

import csv
import io
from typing import Self

from annotator.domain.saying import gettext
from annotator.formats.rows import MAX_SOURCE_CHARS

MAX_RECORD_CHARS = 2_000_000
csv.field_size_limit(2 * MAX_RECORD_CHARS)  # ours comes first, and can be mended


class Lines:
    """Line by line, as `csv` asks for them; `begin_record` before each record."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.last = 0
        self._is_whole = True
        self.begin_record()

    def begin_record(self) -> None:
        self.first = self.last + 1
        self.record: list[str] = []
        self.has_text = False
        self._size = self._quotes = 0

    @property
    def source(self) -> str:
        """The record as it stands in the file, cut."""
        return "".join(self.record)[:MAX_SOURCE_CHARS]

    @property
    def count(self) -> int:
        """Lines that the record took."""
        return self.last - self.first + 1

    @property
    def is_closed(self) -> bool:
        """Whether its quotation marks pair up so far."""
        return self._quotes % 2 == 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._piece()
        if not line:
            raise StopIteration
        if not self.record:
            line = line.lstrip("\ufeff")  # of a file that was joined on with cat
        if not self.has_text:
            self.first, self.record = self.last, []
            self.has_text = bool(line.strip())
        self.record.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD_CHARS:
            raise csv.Error(
                gettext("it has more than %(most)s characters")
                % {"most": f"{MAX_RECORD_CHARS:,}"}
            )
        return line

    def _piece(self) -> str:
        """A line, or just more of it than a record may have: never a cut one that
        could pass for a whole one."""
        line = self._text.readline(MAX_RECORD_CHARS + 1)
        if line and self._is_whole:
            self.last += 1
        self._is_whole = line.endswith(("\n", "\r"))
        self._quotes += line.count('"')
        return line

    def finish_record(self) -> None:
        """Go to the end of a broken record: of its line, where its quotation marks
        pair up.

        To go on at the next line would take the rest of a quoted text for rows.
        """
        while not (self.is_closed and self._is_whole) and self._piece():
            pass
