"""Rows as an import stores them: all that can be said of one without the database.

Known by its fingerprint, screened, and written as COPY takes it. A chunk of them goes
from the process that reads to the one that stores (formats/apart).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

from annotator.domain.bands import LengthBand, band_of
from annotator.formats.copy_text import line_of
from annotator.formats.row_stream import RowStream
from annotator.formats.rows import FileRemark, PairRow, Row, RowProblem, UnreadableFile
from annotator.formats.rules import screening
from annotator.formats.rules.outcomes import Exclusion
from annotator.formats.side_columns import OWN
from annotator.formats.spellings import MAX_NAME_CHARS, is_missing
from training.examples import fingerprint

LINE = (
    "row",
    "external_id",
    "category",
    "instruction",
    "input",
    "response",
    "context",
    "shape",
    "extra",
    "fingerprint",
)
"""The columns of `Prepared.line`."""
NAMED = 200
"""Columns that are named."""
FIRST = 1_000
"""Rows of the first chunk at most: whoever stores them waits for it."""
MAX_CHUNK_CHARS = 16_000_000
"""Long rows come in chunks of fewer: a chunk is held in memory, and some are under
way."""


class Prepared(NamedTuple):
    """A good row."""

    number: int
    fingerprint: str
    external_id: str
    category: str
    length_band: LengthBand
    caught: Exclusion | None
    """What screening says of it."""
    line: str
    """Its columns `LINE` in PostgreSQL's text format."""
    row: PairRow | None
    """The row itself, where it brings a revision or a draft, or all are asked for."""


@dataclass(slots=True)
class Chunk:
    """Rows that are stored together."""

    pairs: list[Prepared] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[tuple[int | None, str]] = field(default_factory=list)
    """With the number of their row; None: on the file."""
    columns: dict[str, int] = field(default_factory=dict)
    """Of columns that nothing reads: in how many rows they say something."""
    has_more: bool = False
    """Whether there are more of them than are named."""
    taken: int = 0
    """Rows and remarks."""
    chars: int = 0
    """Of its lines."""
    read_bytes: int = 0
    """How far the file is read then."""


class Preparing:
    """Makes chunks of a file's rows."""

    def __init__(self, *, named: set[str], keeps_rows: bool) -> None:
        """`named`: columns that were told of rows before. `keeps_rows`: all rows are
        handed on whole."""
        self._named = set(named)
        self._keeps_rows = keeps_rows

    def chunks(
        self, rows: RowStream, *, behind: int, most: int, size: int
    ) -> Iterator[Chunk]:
        """Chunks of up to `most` rows and remarks (the first of FIRST), `behind` so
        many of them; `size` is the file's, in bytes."""
        next(islice(rows, behind, behind), None)
        chunk, enough = Chunk(), min(FIRST, most)
        try:
            for row in rows:
                self._add(chunk, row)
                if chunk.taken >= enough or chunk.chars > MAX_CHUNK_CHARS:
                    chunk.read_bytes = int(rows.share * size)
                    yield chunk
                    chunk, enough = Chunk(read_bytes=chunk.read_bytes), most
        except UnreadableFile:
            if chunk.taken:  # rows before a fault are good
                yield chunk
            raise
        if chunk.taken:
            chunk.read_bytes = size
            yield chunk

    def _add(self, chunk: Chunk, row: Row) -> None:
        chunk.taken += 1
        if isinstance(row, PairRow):
            pair = prepared(row, keeps_row=self._keeps_rows)
            chunk.pairs.append(pair)
            chunk.chars += len(pair.line)
            chunk.remarks += [(row.number, remark) for remark in row.remarks]
            self._count(chunk, row)
        elif isinstance(row, RowProblem):
            chunk.problems.append(row)
        elif isinstance(row, FileRemark):
            chunk.remarks.append((None, row.message))

    def _count(self, chunk: Chunk, row: PairRow) -> None:
        """Count the columns that nothing reads."""
        for name, value in row.extra.items():
            if name in OWN or is_missing(value):
                continue
            short = _showable(name[:MAX_NAME_CHARS])
            if short not in self._named:
                if len(self._named) >= NAMED:
                    chunk.has_more = True
                    continue
                self._named.add(short)
            chunk.columns[short] = chunk.columns.get(short, 0) + 1


def prepared(row: PairRow, *, keeps_row: bool) -> Prepared:
    """One row as it is stored."""
    text = row.text
    key = fingerprint(text, row.context)
    line = line_of(
        (
            str(row.number),
            row.external_id,
            row.category,
            row.instruction,
            row.input,
            row.response,
            json.dumps(list(row.context)) if row.context else "[]",
            json.dumps(row.shape) if row.shape else "{}",
            _json_of(row.extra) if row.extra else "{}",
            key,
        )
    )
    keeps = keeps_row or row.revised or row.draft
    return Prepared(
        row.number,
        key,
        row.external_id,
        row.category,
        band_of(len(row.instruction) + len(row.input) + len(row.response)),
        screening.screen(text),
        line,
        row if keeps else None,
    )


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
}


def _json_of(extra: Mapping[str, Any]) -> str:
    """What json.dumps writes; of texts and whole numbers in a third of its time."""
    try:
        members = [
            f"{encode_basestring_ascii(name)}: {_WRITERS[type(value)](value)}"
            for name, value in extra.items()
        ]
    except KeyError:
        return json.dumps(extra)
    return f"{{{', '.join(members)}}}"


def _showable(name: str) -> str:
    if name.isascii() and "\0" not in name:
        return name
    return name.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
