"""The two spellings of a row: Alpaca's keys, and those of the expert revisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotator.domain.line_ends import as_newlines
from annotator.formats.rows import (
    MAX_CATEGORY_CHARS,
    MAX_FIELD_CHARS,
    MAX_ID_CHARS,
    MAX_SOURCE_CHARS,
    PairRow,
    RowProblem,
)
from revision_engine.types import PairText

RAW_KEYS = {
    "instruction": ("instruction", "Raw Instruction"),
    "input": ("input", "Raw Input"),
    "response": ("output", "response", "Raw Response"),
}
REVISED_KEYS = {
    "instruction": ("Revised Instruction",),
    "input": ("Revised Input",),
    "response": ("Revised Response",),
}


class _Bad(ValueError):
    """Something is wrong with the row; the message names the field."""


def read_row(number: int, row: object) -> PairRow | RowProblem:
    """Turn one decoded row into a pair, or say what is wrong with it."""
    try:
        return _read(number, row)
    except _Bad as problem:
        return problem_of(number, str(problem), row)


def problem_of(number: int, message: str, source: object) -> RowProblem:
    """A problem with the row's text beside it."""
    if not isinstance(source, str):
        source = json.dumps(source, ensure_ascii=False, default=str)
    text = source.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return RowProblem(number=number, message=message, source=text[:MAX_SOURCE_CHARS])


def _read(number: int, row: object) -> PairRow:
    if not isinstance(row, Mapping):
        kind = type(row).__name__
        raise _Bad(f"the row is a {kind}, not an object with instruction and output")
    instruction = _field(row, "instruction", RAW_KEYS, required=True)
    source = _field(row, "input", RAW_KEYS, required=False)
    response = _field(row, "response", RAW_KEYS, required=True)
    return PairRow(
        number=number,
        instruction=instruction,
        input=source,
        response=response,
        revised=_revised(row),
        external_id=_external_id(row),
        category=_category(row),
    )


def _field(
    row: Mapping[str, Any],
    name: str,
    keys: Mapping[str, tuple[str, ...]],
    *,
    required: bool,
) -> str:
    spellings = keys[name]
    key = next((key for key in spellings if row.get(key) is not None), None)
    if key is None:
        if required:
            raise _Bad(f"there is no {' or '.join(map(repr, spellings))}")
        return ""
    value = row[key]
    if not isinstance(value, str):
        raise _Bad(f"{key!r} is a {type(value).__name__}, not a text")
    if required and not value.strip():
        raise _Bad(f"{key!r} is empty")
    return _storable(key, as_newlines(value), MAX_FIELD_CHARS)


def _storable(key: str, value: str, limit: int) -> str:
    """The value, if the database can hold it."""
    if len(value) > limit:
        raise _Bad(f"{key!r} has {len(value):,} characters; {limit:,} are allowed")
    if "\0" in value:
        raise _Bad(f"{key!r} contains a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        byte = len(value[: error.start].encode()) + 1
        raise _Bad(f"{key!r} is not valid UTF-8 at its byte {byte:,}") from None
    return value


def _revised(row: Mapping[str, Any]) -> PairText | None:
    present = [row.get(key) for keys in REVISED_KEYS.values() for key in keys]
    if not any(present):
        return None
    return PairText(
        instruction=_field(row, "instruction", REVISED_KEYS, required=True),
        input=_field(row, "input", REVISED_KEYS, required=False),
        response=_field(row, "response", REVISED_KEYS, required=True),
    )


def _external_id(row: Mapping[str, Any]) -> str:
    value = row.get("id")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Bad("'id' is neither a text nor a whole number")
    return _storable("id", str(value), MAX_ID_CHARS)


def _category(row: Mapping[str, Any]) -> str:
    value = row.get("category", row.get("Category"))
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Bad(f"'category' is a {type(value).__name__}, not a text")
    return _storable("category", " ".join(value.split()), MAX_CATEGORY_CHARS)
