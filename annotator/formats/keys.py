"""One decoded row: a pair with all that came beside it, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.domain.line_ends import as_newlines
from annotator.formats import other_formats
from annotator.formats.json_values import dumps
from annotator.formats.rows import (
    MAX_COLUMNS,
    MAX_FIELD_CHARS,
    MAX_SOURCE_CHARS,
    PairRow,
    RowProblem,
)
from annotator.formats.side_columns import SideColumns, whole_of
from annotator.formats.spellings import (
    REVISED,
    SPELLINGS,
    is_missing,
    plain,
    sorted_out,
)
from revision_engine.types import PairText


class _Bad(ValueError):
    """Something is wrong with the row; the message names the field."""


class _OtherFormat(_Bad):
    """Nothing is wrong with the row but that it is no pair."""


def read_row(number: int, row: object) -> PairRow | RowProblem:
    """Turn one decoded row into a pair, or say what is wrong with it."""
    try:
        return _read(number, row)
    except _Bad as problem:
        is_other = isinstance(problem, _OtherFormat)
        return problem_of(number, str(problem), row, is_other_format=is_other)
    except RecursionError:
        return problem_of(number, "the row is nested too deeply", row)


def problem_of(
    number: int, message: str, source: object, *, is_other_format: bool = False
) -> RowProblem:
    """A problem with the row's text beside it."""
    if not isinstance(source, str):
        source = _shown(source)
    text = source[: 2 * MAX_SOURCE_CHARS].replace("\0", "\ufffd")
    text = text.encode("utf-8", "replace").decode()
    return RowProblem(
        number=number,
        message=message,
        source=text[:MAX_SOURCE_CHARS],
        is_other_format=is_other_format,
    )


def _shown(source: object) -> str:
    try:
        return dumps(source)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _read(number: int, row: object) -> PairRow:
    if not isinstance(row, Mapping):
        kind = type(row).__name__
        raise _Bad(f"the row is a {kind}, not an object with instruction and output")
    if len(row) > MAX_COLUMNS:
        raise _Bad(f"the row has {len(row):,} columns; {MAX_COLUMNS:,} are allowed")
    chosen, rest = sorted_out(row)
    fields = _Fields(row, chosen)
    side = SideColumns()
    pair = fields.pair("")
    revised = fields.pair("revised ") if fields.has_any(REVISED) else None
    _refuse_history(rest)
    side.read(row, chosen, rest)
    return PairRow(
        number=number,
        instruction=pair.instruction,
        input=pair.input,
        response=pair.response,
        revised=revised,
        external_id=side.external_id,
        category=side.category,
        extra=side.extra,
        remarks=(*fields.remarks, *side.remarks),
    )


class _Fields:
    """The texts of one row."""

    def __init__(self, row: Mapping[str, Any], chosen: Mapping[str, str]) -> None:
        self.row = row
        self.chosen = chosen
        self.remarks: list[str] = []

    def has_any(self, columns: tuple[str, ...]) -> bool:
        keys = [self.chosen[name] for name in columns if name in self.chosen]
        return any(not is_missing(self.row[key]) for key in keys)

    def pair(self, side: str) -> PairText:
        return PairText(
            instruction=self._required(f"{side}instruction"),
            input=self._optional(f"{side}input"),
            response=self._required(f"{side}response"),
        )

    def _required(self, column: str) -> str:
        key = self.chosen.get(column)
        value = self.row[key] if key else None
        if key is None or value is None:
            if other := other_formats.named(self.row):
                raise _OtherFormat(other)
            raise _Bad(f"there is no {' or '.join(map(repr, SPELLINGS[column]))}")
        if is_missing(value):
            raise _Bad(f"{key!r} is empty")
        return self._text(key, value)

    def _optional(self, column: str) -> str:
        key = self.chosen.get(column)
        value = self.row[key] if key else None
        if key is None or (not isinstance(value, str) and is_missing(value)):
            return ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = str(whole_of(value))
            self.remarks.append(f"{key!r} is the number {shown}: taken as a text")
            return shown
        return self._text(key, value)

    def _text(self, key: str, value: object) -> str:
        if isinstance(value, str):
            return _storable(key, as_newlines(value), MAX_FIELD_CHARS)
        if other := other_formats.of_value(value):
            raise _OtherFormat(f"{key!r} {other}")
        raise _Bad(f"{key!r} is a {type(value).__name__}, not a text")


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
        raise _Bad(
            f"{key!r} is not valid UTF-8 at its byte {byte:,}: save the file as UTF-8"
        ) from None
    return value


_EMPTY_HISTORIES = ("", "[]", "[[]]", "nan", "null", "none")


def _refuse_history(rest: Mapping[str, Any]) -> None:
    """Without the turns before it an instruction may ask for something else."""
    for key, value in rest.items():
        if plain(key) not in ("history", "chat history"):
            continue
        if isinstance(value, str):
            is_empty = value.strip().casefold() in _EMPTY_HISTORIES
        else:
            is_empty = is_missing(value) or not value or value == [[]]
        if not is_empty:
            raise _Bad(
                f"{key!r} holds earlier turns, which people would not see: put what is "
                "needed of them into the input, or leave the row out"
            )
