"""Parquet, Arrow files and streams (Feather 2, `datasets`): read piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats.arrow_messages import (
    ARROW_FILE,
    ARROW_STREAM,
    check_file,
    check_stream,
)
from annotator.formats.arrow_sizes import taken_apart
from annotator.formats.arrow_values import cells
from annotator.formats.json_values import zip_unique
from annotator.formats.keys import problem_of
from annotator.formats.parquet_pages import rows_at_once
from annotator.formats.row_stream import RowStream, by_bytes
from annotator.formats.rows import MAX_COLUMNS, ReadRow, Row, UnreadableFile
from annotator.formats.unpacking import Budget

ROWS = 500
"""Rows that are decoded at once, unless they are large."""
MAX_DECODED_BYTES = 20_000_000
MAX_ROW_BYTES = 4_000_000
"""Of a row beyond those that are small enough to be decoded with others."""
_BUFFER = 1 << 20


def parquet(
    file: BinaryIO, read_row: ReadRow, *, name: str, budget: Budget
) -> RowStream:
    """Rows are numbered from 1; a row group's pages are read as they are needed."""
    with _Faults(name, gettext_noop("a Parquet file")):
        table = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
        names = _names(table.schema_arrow, name)
        rows = rows_at_once(file, table.metadata, name=name, most=ROWS)
        batches = table.iter_batches(batch_size=rows, use_threads=False)
    reading = _Reading(name, gettext_noop("a Parquet file"), names, read_row, budget)
    total = table.metadata.num_rows
    return RowStream(
        reading.rows(batches), lambda: reading.number / total if total else 1.0
    )


def arrow_file(
    file: BinaryIO, read_row: ReadRow, *, name: str, budget: Budget
) -> RowStream:
    """Batch by batch, as whoever wrote the file parted it."""
    with _Faults(name, ARROW_FILE):
        check_file(file, name)
        table = pa.ipc.open_file(file)
        names = _names(table.schema, name)
    reading = _Reading(name, ARROW_FILE, names, read_row, budget)
    total = table.num_record_batches
    batches = (table.get_batch(number) for number in range(total))
    return RowStream(
        reading.rows(batches), lambda: reading.pieces / total if total else 1.0
    )


def stream(
    file: BinaryIO, read_row: ReadRow, *, name: str, budget: Budget
) -> RowStream:
    """The same without an index at its end: what `datasets` writes."""
    size = file.seek(0, 2)
    with _Faults(name, ARROW_STREAM):
        check_stream(file, name)
        table = pa.ipc.open_stream(file)
        names = _names(table.schema, name)
    reading = _Reading(name, ARROW_STREAM, names, read_row, budget)
    return by_bytes(reading.rows(table), file, size)


def _names(schema: pa.Schema, name: str) -> list[str]:
    if len(schema.names) > MAX_COLUMNS:
        raise UnreadableFile(
            gettext("%(name)s has %(count)s columns; %(most)s are allowed.")
            % {
                "name": name,
                "count": f"{len(schema.names):,}",
                "most": f"{MAX_COLUMNS:,}",
            }
        )
    return [found for found, _ in zip_unique([(each, None) for each in schema.names])]


_FAULTS = (pa.ArrowException, OSError, NotImplementedError, UnicodeDecodeError)


class _Faults:
    """Says in words what is wrong with a table."""

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, _: object) -> None:
        if isinstance(fault, _FAULTS):
            why = str(fault).partition("\n")[0][:300]
            raise UnreadableFile(
                gettext(
                    "%(name)s is %(kind)s that cannot be read (%(why)s): write it "
                    "again, or save it as CSV (UTF-8), JSON or JSONL."
                )
                % {"name": self.name, "kind": gettext(self.kind), "why": why}
            ) from None


class _Reading:
    """One table on its way."""

    def __init__(
        self,
        name: str,
        kind: str,
        names: Sequence[str],
        read_row: ReadRow,
        budget: Budget,
    ) -> None:
        self.name, self.kind = name, kind
        self.names = names
        self.read_row = read_row
        self.budget = budget
        self.number = self.pieces = 0

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
        whole = iter(batches)
        while True:
            with _Faults(self.name, self.kind):
                batch = next(whole, None)
                if batch is None:
                    return
                _check(batch)
            self.budget.spend(batch.nbytes, self.name)
            for start in range(0, batch.num_rows, ROWS):
                for part in taken_apart(batch.slice(start, ROWS)):
                    yield from self._rows(part)
            self.pieces += 1

    def _rows(self, batch: pa.RecordBatch | None) -> Iterator[Row]:
        if batch is None:
            yield self._too_long()
            return
        if batch.nbytes > MAX_DECODED_BYTES and batch.num_rows > 1:
            for place in range(batch.num_rows):
                yield from self._rows(batch.slice(place, 1))
            return
        if batch.num_rows == 1 and batch.nbytes > MAX_ROW_BYTES:
            yield self._too_long()
            return
        with _Faults(self.name, self.kind):
            decoded = self._decoded(batch)
        for row in decoded:
            self.number += 1
            if isinstance(row, UnicodeDecodeError):
                message = gettext("the row holds bytes that are no UTF-8 (%(why)s)") % {
                    "why": row.reason
                }
                yield problem_of(self.number, message, "")
            else:
                yield self.read_row(self.number, row)

    def _too_long(self) -> Row:
        self.number += 1
        most = f"{MAX_ROW_BYTES:,}"
        message = gettext("the row has more than %(most)s bytes") % {"most": most}
        return problem_of(self.number, message, "")

    def _decoded(
        self, batch: pa.RecordBatch
    ) -> Iterable[Mapping[str, Any] | UnicodeDecodeError]:
        try:
            columns = [cells(column) for column in batch.columns]
        except UnicodeDecodeError as fault:
            if batch.num_rows == 1:
                return [fault]
            singly = (batch.slice(place, 1) for place in range(batch.num_rows))
            return [row for one in singly for row in self._decoded(one)]
        return [
            dict(zip(self.names, row, strict=True))
            for row in zip(*columns, strict=True)
        ]


def _check(batch: pa.RecordBatch) -> None:
    """Nothing in a file may point beyond it; wrong UTF-8 costs its row only."""
    for column in batch.columns:
        kind = column.type
        if pa.types.is_string(kind):
            column.view(pa.binary()).validate(full=True)
        elif pa.types.is_large_string(kind):
            column.view(pa.large_binary()).validate(full=True)
        else:
            column.validate(full=True)


READERS = {"parquet": parquet, "arrow": arrow_file, "stream": stream}
