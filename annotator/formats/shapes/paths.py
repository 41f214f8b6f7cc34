"""Places in a row: a column, or a dotted path into what is nested in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from annotator.formats.json_values import loads
from annotator.formats.shapes import turns

MAX_DEPTH = 4
MAX_PATHS = 300


class _Nothing:
    """The place is not there."""


NOTHING: Final = _Nothing()


def at(row: Mapping[str, Any], path: str) -> Any:
    """What stands at a path (`data.prompt.text`, `turns.0.text`); NOTHING if it is not
    there.

    A column whose name has dots comes first. Objects and lists in a cell of text (CSV)
    are JSON.
    """
    if path in row:
        return row[path]
    value: Any = row
    for part in path.split("."):
        value = _within(value, part)
        if value is NOTHING:
            return NOTHING
    return value


def _within(value: Any, part: str) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = loads(value)
        except (ValueError, RecursionError):
            return NOTHING
    if isinstance(value, Mapping):
        return value.get(part, NOTHING)
    if isinstance(value, list) and part.removeprefix("-").isdecimal():
        place = int(part[:9])
        return value[place] if -len(value) <= place < len(value) else NOTHING
    return NOTHING


def paths_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns of some rows in their order, and below each what is nested in it."""
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name)
            for path in _below(name, value, 1):
                found.setdefault(path)
        if len(found) > MAX_PATHS:
            break
    return list(found)[:MAX_PATHS]


def _below(path: str, value: Any, level: int) -> Iterator[str]:
    if not isinstance(value, Mapping) or level > MAX_DEPTH:
        return
    for name, inner in value.items():
        if "." not in name:
            yield f"{path}.{name}"
            yield from _below(f"{path}.{name}", inner, level + 1)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def are_turns(value: Any) -> bool:
    return turns.are_turns(turns.decoded(value))
