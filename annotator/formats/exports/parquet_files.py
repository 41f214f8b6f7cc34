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
            _array(
                [row.get(name) for row in self._waiting],
                kind,
                self._schema.field(name).type,
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


def _array(values: Sequence[Any], kind: CellKind, of: pa.DataType) -> pa.Array:
    if kind == CellKind.TURNS:
        return _chats(values, of)
    if kind == CellKind.JSON:
        values = [None if value is None else dumps(value) for value in values]
    return pa.array(values, type=of)


def _chats(chats: Sequence[Sequence[Mapping[str, Any]]], of: pa.ListType) -> pa.Array:
    """Key by key, in a third of the time that Arrow takes to look into each turn."""
    said: dict[str, list[str | None]] = {field.name: [] for field in of.value_type}
    ends = [0]
    for chat in chats:
        ends.append(ends[-1] + len(chat))
        for turn in chat:
            for key, texts in said.items():
                texts.append(_text(turn.get(key)))
    turns = pa.StructArray.from_arrays(
        [pa.array(texts, type=pa.string()) for texts in said.values()],
        fields=list(of.value_type),
    )
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), turns, type=of)


def _text(value: Any) -> str | None:
    """What a turn says under one key: a text, or anything else as JSON."""
    if value is None or (isinstance(value, str) and is_whole_text(value)):
        return value
    return dumps(value)
