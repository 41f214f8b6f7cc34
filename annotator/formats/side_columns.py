"""What a row says beside its texts: kept as it was, whatever it is.

A side column never costs the pair. What has no column in the database travels in
`extra` and goes out again with every export.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import MAX_DEPTH, depth
from annotator.formats.rows import MAX_CATEGORY_CHARS, MAX_ID_CHARS, Named, PairRow
from annotator.formats.shapes import histories
from annotator.formats.spellings import is_missing

OWN = ("id", "category")
"""Columns with a place of their own; `extra` has them where that changed them."""


class SideColumns:
    """The side columns of one row, and what is odd about them."""

    def __init__(self) -> None:
        self.external_id = self.category = ""
        self.extra: dict[str, Any] = {}
        self.remarks: list[str] = []

    def read(self, cells: Named, rest: Mapping[str, Any]) -> None:
        """Take the id, the category and all that no column takes."""
        if "id" in cells:
            self._id(cells["id"][1])
        if "category" in cells:
            self._category(cells["category"][1])
        for name, value in rest.items():
            self.extra[name] = self._kept(name, value)

    def _id(self, value: object) -> None:
        if is_missing(value):
            return
        exact = whole_of(value)
        text = str(exact) if _is_number(exact, int) else exact
        if isinstance(text, str) and _fits(text, MAX_ID_CHARS):
            self.external_id = text
        else:
            self._odd("id", value, gettext("a whole number or a text"), MAX_ID_CHARS)
        if exact != self.external_id:
            self.extra["id"] = self._kept("id", exact)

    def _category(self, value: object) -> None:
        if is_missing(value):
            return
        exact = whole_of(value)
        text = str(exact) if _is_number(exact, int | float) else exact
        text = " ".join(text.split()) if isinstance(text, str) else text
        if isinstance(text, str) and _fits(text, MAX_CATEGORY_CHARS):
            self.category = text
        else:
            self._odd("category", value, gettext("a text"), MAX_CATEGORY_CHARS)
        if exact != self.category:
            self.extra["category"] = self._kept("category", exact)

    def _odd(self, name: str, value: object, wanted: str, limit: int) -> None:
        if isinstance(value, str):
            given = gettext("text of %(count)s signs") % {"count": f"{len(value):,}"}
        else:
            given = type(value).__name__
        told = gettext(
            "%(name)r is a %(given)s, not %(wanted)s of up to %(most)s signs: it is "
            "kept, but not used here"
        )
        shown = {"name": name, "given": given, "wanted": wanted, "most": limit}
        self.remarks.append(told % shown)

    def _kept(self, name: str, value: object) -> Any:
        if not isinstance(value, dict | list) or depth(value) <= MAX_DEPTH:
            return value
        told = gettext("%(name)r is nested more than %(most)s deep: kept as a text")
        self.remarks.append(told % {"name": name, "most": MAX_DEPTH})
        return json.dumps(value)


def whole_of(value: object) -> object:
    """3 for 3.0, as pandas writes the whole numbers of a column with gaps."""
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value  # type: ignore[call-overload]


def _is_number(value: object, kinds: Any) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _fits(text: str, limit: int) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return len(text) <= limit and "\0" not in text


def columns(row: PairRow) -> dict[str, Any]:
    """All that the file said of a row beside its raw texts, as the file named it."""
    found: dict[str, Any] = {"id": row.external_id or None}
    found |= {"category": row.category or None} | dict(row.extra)
    found |= histories.columns(row.context, row.shape)
    if revised := row.revised:
        found["Revised Instruction"] = revised.instruction
        found["Revised Input"] = revised.input
        found["Revised Response"] = revised.response
    return found


def with_columns(row: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """An exported row, and beside its own keys the columns that came with the file.

    A column called like a key of the export stands under `extra`. The file's own id
    and category take the place of the export's.
    """
    whole, taken = dict(row), {}
    for name, value in extra.items():
        if name in OWN or name not in row:
            whole[name] = value
        else:
            taken[name] = value
    if taken and "extra" in extra:
        taken["extra"] = extra["extra"]
    return whole | {"extra": taken} if taken else whole
