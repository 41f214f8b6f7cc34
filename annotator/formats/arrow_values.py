"""Cells of Arrow tables as values that JSON holds.

Points in time and decimals become the text that Arrow writes for them, so that no digit
is lost: `2026-01-02 03:04:05.678900000`, `1.50`. Bytes that are UTF-8 become that text,
others `{"base64": "..."}`. NaN says nothing, as in JSON files; infinity is a word.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pyarrow as pa

from annotator.formats.json_values import zip_unique


def cells(column: pa.Array) -> list[Any]:
    """The column's values.

    Raises UnicodeDecodeError for texts that are no UTF-8, ArrowException for values
    that cannot be had.
    """
    wanted = _as_texts(column.type)
    if wanted != column.type:
        # Python's own values are next best: they have no nanoseconds.
        with suppress(pa.ArrowNotImplementedError, pa.ArrowInvalid):
            column = column.cast(wanted)
    values: list[Any] = column.to_pylist()
    return list(map(_plain, values)) if _is_odd(column.type) else values


def _as_texts(kind: pa.DataType) -> pa.DataType:
    """The type with texts for points in time and decimals."""
    types = pa.types
    if types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind):
        return pa.string()
    if types.is_decimal(kind):
        return pa.string()
    if types.is_struct(kind):
        return pa.struct(
            [field.with_type(_as_texts(field.type)) for field in _fields(kind)]
        )
    if types.is_large_list(kind):
        return pa.large_list(_as_texts(kind.value_type))
    if types.is_list(kind):
        return pa.list_(_as_texts(kind.value_type))
    return kind


def _fields(kind: pa.StructType) -> list[pa.Field]:
    return [kind.field(n) for n in range(kind.num_fields)]


def _is_odd(kind: pa.DataType) -> bool:
    """Whether Python's values of it may be none of JSON's."""
    types = pa.types
    if types.is_dictionary(kind) or types.is_list(kind) or types.is_large_list(kind):
        return _is_odd(kind.value_type)
    if types.is_struct(kind):
        return any(_is_odd(field.type) for field in _fields(kind))
    is_plain = (
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_integer(kind)
        or types.is_boolean(kind)
        or types.is_null(kind)
    )
    return not is_plain


def _plain(value: Any) -> Any:
    found = _PLAIN.get(type(value))
    return found(value) if found else str(value)


def _same(value: Any) -> Any:
    return value


def _float(value: float) -> float | str | None:
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def _bytes(value: bytes) -> str | Mapping[str, str]:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode("ascii")}


def _list(values: list[Any]) -> Any:
    """A map comes as a list of tuples."""
    plain = [_plain(value) for value in values]
    is_map = values and all(
        type(value) is tuple and len(value) == 2 and isinstance(value[0], str)
        for value in values
    )
    return dict(zip_unique(plain)) if is_map else plain


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    str: _same,
    int: _same,
    bool: _same,
    type(None): _same,
    float: _float,
    bytes: _bytes,
    list: _list,
    tuple: lambda values: [_plain(value) for value in values],
    dict: lambda value: {key: _plain(each) for key, each in value.items()},
}
