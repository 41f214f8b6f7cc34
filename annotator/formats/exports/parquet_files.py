"""Rows as Parquet, by columns of known kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotator.formats.exports.columns import CellKind, Columns, is_whole_text
from annotator.formats.json_values import dumps

GROUP = 20_000
"""Rows that are compressed together."""
PLAIN = {
    CellKind.TEXT: pa.string(),
    CellKind.WHOLE: pa.int64(),
    CellKind.NUMBER: pa.float64(),
    CellKind.TRUTH: pa.bool_(),
    CellKind.JSON: pa.string(),
    CellKind.PAIR: pa.struct(
        [(name, pa.string()) for name in ("instruction", "input", "response")]
    ),
}


class ParquetFile:
    """A file of rows; as many as a group holds are in memory."""

    def __init__(
        self, path: Path, columns: Columns, turn_keys: Mapping[str, Sequence[str]]
    ) -> None:
        """`turn_keys`: of each column of chats, the keys that its turns have."""
        self.columns = columns
        self.count = 0
        self._waiting: list[Mapping[str, Any]] = []
        self._schema = pa.schema(
            [
                (name, _turns(turn_keys[name]) if name in turn_keys else PLAIN[kind])
                for name, kind in columns.items()
            ]
        )
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._waiting.extend(rows)
        self.count += len(rows)
        if len(self._waiting) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        arrays = [
            pa.array(
                [stored(row.get(name), kind) for row in self._waiting],
                type=self._schema.field(name).type,
            )
            for name, kind in self.columns.items()
        ]
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._waiting.clear()

    def finish(self) -> None:
        """Write the last group and the footer."""
        if self._waiting or not self.count:
            self._flush()
        self.close()

    def close(self) -> None:
        self._writer.close()


def _turns(keys: Sequence[str]) -> pa.DataType:
    return pa.list_(pa.struct([(key, pa.string()) for key in keys]))


def stored(value: Any, kind: CellKind) -> Any:
    """A value as Arrow takes it for a column of that kind."""
    if value is None:
        return None
    if kind == CellKind.JSON:
        return dumps(value)
    if kind == CellKind.TURNS:
        return [{key: _text(said) for key, said in turn.items()} for turn in value]
    return value


def _text(value: Any) -> str | None:
    """What a turn says under one key: a text, or anything else as JSON."""
    if value is None or (isinstance(value, str) and is_whole_text(value)):
        return value
    return dumps(value)
