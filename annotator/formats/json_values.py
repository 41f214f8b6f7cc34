"""JSON as files of pairs hold it, both ways, with nothing lost on the way."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# pandas writes a missing value as NaN, which is no JSON. Nothing is said by it.
_CONSTANTS = {"NaN": None, "Infinity": "Infinity", "-Infinity": "-Infinity"}
# Line ends to many readers of JSON lines, and half signs that are no UTF-8.
_TO_ESCAPE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def _number(digits: str) -> float | str:
    """A number beyond those of JSON's readers stays what was written."""
    value = float(digits)
    return value if math.isfinite(value) else digits


def _whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key hides another of the same name."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else dict(zip_unique(pairs))


def zip_unique(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The second `note` is called `note (2)`."""
    taken: set[str] = set()
    named = []
    for name, value in pairs:
        fresh, number = name, 1
        while fresh in taken:
            number += 1
            fresh = f"{name} ({number})"
        taken.add(fresh)
        named.append((fresh, value))
    return named


_DECODER = json.JSONDecoder(
    parse_constant=_CONSTANTS.__getitem__,
    parse_float=_number,
    object_pairs_hook=_whole,
)


def loads(text: str) -> Any:
    """The value of a JSON text.

    Raises what `json.loads` raises: JSONDecodeError, ValueError for a number with
    too many digits, RecursionError for nesting.
    """
    return _DECODER.decode(text)


def value_at(text: str, place: int) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends; raises as `loads`."""
    return _DECODER.raw_decode(text, place)


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def dumps(value: Any) -> str:
    """One line of JSON for every reader: no sign in it is taken for a line end."""
    text = _ENCODER.encode(value)
    if text.isascii():
        return text
    return _TO_ESCAPE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)
