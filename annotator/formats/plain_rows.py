"""Rows as nearly all files have them: texts under usual names, and nothing odd.

A short cut of `keys.read_row`, in a third of its time: what is read of a row here is
what is read of it there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from annotator.formats.rows import (
    MAX_CATEGORY_CHARS,
    MAX_FIELD_CHARS,
    MAX_ID_CHARS,
    PairRow,
)
from annotator.formats.shapes import names
from annotator.formats.shapes.mending import is_wrapper
from annotator.formats.spellings import layout, plain

MANY_COLUMNS = 50
FIELDS = ("instruction", "input", "response", "id", "category")
_JUDGED = ("chosen", "completion")
"""Answers of which other columns may say more."""
_ALONE = (str, int, float, bool, type(None))
"""Values in which nothing is nested."""


class _Columns(NamedTuple):
    """What a row's columns are called; empty: it has none such."""

    instruction: str
    input: str
    response: str
    id: str
    category: str
    others: tuple[str, ...]
    shape: dict[str, Any]


@lru_cache(maxsize=32)  # the rows of a file have few different sets of keys
def _columns(keys: tuple[str, ...]) -> _Columns | None:
    """None where a row with these keys is not plain, whatever it holds."""
    spelt, others = layout(keys)
    called = {field: of_it[0] for field, of_it in spelt.items()}
    if (
        is_wrapper(keys)
        or not {"instruction", "response"} <= called.keys() <= set(FIELDS)
        or any(len(of_it) > 1 for of_it in spelt.values())
        or plain(called["response"]) in _JUDGED
    ):
        return None
    return _Columns(
        instruction=called["instruction"],
        input=called.get("input", ""),
        response=called["response"],
        id=called.get("id", ""),
        category=called.get("category", ""),
        others=tuple(others),
        shape=names.shape_of(called),
    )


def pair_of(number: int, row: dict[str, Any]) -> PairRow | None:
    """The pair of a plain row; None for any other row, good or bad."""
    columns = _columns(tuple(row)) if len(row) <= MANY_COLUMNS else None
    if columns is None:
        return None
    instruction, response = row[columns.instruction], row[columns.response]
    given = row[columns.input] if columns.input else ""
    external_id = row[columns.id] if columns.id else ""
    category = row[columns.category] if columns.category else ""
    given = "" if given is None else given
    external_id = "" if external_id is None else external_id
    category = "" if category is None else category
    extra = {}
    if type(external_id) is int and abs(external_id) < 1 << 63:
        extra["id"] = external_id  # 7 is not "7", and goes out as it came
        external_id = str(external_id)
    if not (
        type(instruction)
        is type(given)
        is type(response)
        is type(external_id)
        is type(category)
        is str
    ):
        return None
    if not _are_sound(instruction, given, response, external_id, category):
        return None
    for name in columns.others:
        value = row[name]
        if type(value) not in _ALONE:
            return None
        extra[name] = value
    return PairRow(
        number=number,
        instruction=instruction,
        input=given,
        response=response,
        external_id=external_id,
        category=category,
        context=[],
        shape=dict(columns.shape),
        extra=extra,
    )


def _are_sound(
    instruction: str, given: str, response: str, external_id: str, category: str
) -> bool:
    """Whether they are stored as they are."""
    if (
        len(instruction) > MAX_FIELD_CHARS
        or len(given) > MAX_FIELD_CHARS
        or len(response) > MAX_FIELD_CHARS
        or len(external_id) > MAX_ID_CHARS
        or len(category) > MAX_CATEGORY_CHARS
        or not instruction.strip()
        or not response.strip()
        or external_id.isspace()
        or " ".join(category.split()) != category
    ):
        return False
    whole = f"{instruction}{given}{response}{external_id}{category}"
    if "\r" in whole or "\0" in whole:
        return False
    return whole.isascii() or _is_unicode(whole)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
