"""What stands in the columns of a file that has to name them before its first row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from annotator.formats.json_values import dumps

INT64 = 1 << 63
EXACT = 1 << 53
"""Up to here a float holds each whole number."""


class CellKind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TRUTH = "true or false"
    TURNS = "turns"
    """A chat: objects with texts under a few keys."""
    PAIR = "pair"
    """An object with instruction, input and response."""
    JSON = "JSON"
    """Anything, as a JSON text."""


Columns = Mapping[str, CellKind]


class Survey:
    """Looks at what rows say beside their fixed columns, before any is written."""

    def __init__(self, fixed: Columns) -> None:
        self.fixed = fixed
        self.kinds: dict[str, set[CellKind]] = {}
        self.turn_keys: dict[str, set[str]] = {}
        self.has_large: set[str] = set()

    def add(self, row: Mapping[str, Any]) -> None:
        """One row; its fixed columns are not looked at, but for the keys of turns."""
        for name, value in row.items():
            kind = self.fixed.get(name)
            if kind is None:
                self._look(name, value)
            elif kind == CellKind.TURNS and value:
                keys = self.turn_keys.setdefault(name, set())
                for turn in value:
                    keys.update(turn)

    def _look(self, name: str, value: Any) -> None:
        found = self.kinds.setdefault(name, set())
        if value is None:
            return
        kind = kind_of(value)
        found.add(kind)
        if kind == CellKind.WHOLE and abs(value) > EXACT:
            self.has_large.add(name)

    def columns(self) -> dict[str, CellKind]:
        """The fixed columns, then the others in the order they were met."""
        return dict(self.fixed) | {name: self._of(name) for name in self.kinds}

    def _of(self, name: str) -> CellKind:
        found = self.kinds[name]
        if len(found) <= 1:
            return next(iter(found), CellKind.TEXT)
        if found == {CellKind.WHOLE, CellKind.NUMBER} and name not in self.has_large:
            return CellKind.NUMBER
        return CellKind.JSON


def kind_of(value: Any) -> CellKind:
    """The narrowest kind that holds a value of JSON as it is."""
    match value:
        case bool():
            return CellKind.TRUTH
        case int():
            return CellKind.WHOLE if -INT64 <= value < INT64 else CellKind.JSON
        case float():
            return CellKind.NUMBER
        case str():
            return CellKind.TEXT if is_whole_text(value) else CellKind.JSON
    return CellKind.JSON


def is_whole_text(value: str) -> bool:
    """Whether UTF-8 can hold it: JSON may carry half a sign."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def cell(value: Any) -> str:
    """A value as CSV holds it: a text as it is, anything else as JSON; nothing for
    null."""
    if isinstance(value, str):
        return value if is_whole_text(value) else dumps(value)
    return "" if value is None else dumps(value)


def cells(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, str]]:
    """Rows as CSV holds them."""
    return ({name: cell(value) for name, value in row.items()} for row in rows)
