"""A draft that another model wrote of a pair, in columns beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow, text_of
from annotator.formats.rows import Brought, PairRow
from annotator.formats.spellings import is_missing
from revision_engine.types import PairText

PARTS = (
    "draft instruction",
    "draft input",
    "draft response",
    "draft model",
    "draft version",
    "draft score",
)
MAX_MODEL_CHARS = 200
MAX_VERSION_CHARS = 80


def with_draft(
    pair: PairRow, cells: Mapping[str, Any], columns: Mapping[str, Any]
) -> PairRow:
    """The pair with its draft. One that cannot be used costs a remark, not the pair,
    and its `columns` are kept beside it."""
    kept = {name: cell for name, cell in columns.items() if not is_missing(cell)}
    without = replace(pair, extra={**pair.extra, **kept}) if kept else pair
    if is_missing(cells.get("draft response")):
        return without
    try:
        return replace(pair, draft=brought(pair.text, cells))
    except BadRow as fault:
        told = gettext("%(fault)s: the draft is left out, and its columns are kept")
        remark = told % {"fault": fault}
        return replace(without, remarks=(*pair.remarks, remark))


def brought(raw: PairText, cells: Mapping[str, Any]) -> Brought:
    """The draft that the cells make, by PARTS; BadRow. What it lacks is as it was."""

    def text(name: str, otherwise: str) -> str:
        value = cells.get(name)
        return otherwise if is_missing(value) else text_of(name, value)

    return Brought(
        text=PairText(
            instruction=text("draft instruction", raw.instruction),
            input=text("draft input", raw.input),
            response=text("draft response", ""),
        ),
        model=_name("draft model", cells, MAX_MODEL_CHARS),
        version=_name("draft version", cells, MAX_VERSION_CHARS, needed=False),
        score=_score(cells.get("draft score")),
    )


def _name(
    name: str, cells: Mapping[str, Any], most: int, *, needed: bool = True
) -> str:
    value = cells.get(name)
    if is_missing(value) and not needed:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    text = " ".join(text_of(name, "" if value is None else value).split())
    if not text or len(text) > most:
        raise BadRow(
            gettext("%(name)r must be a text of 1 to %(most)s signs")
            % {"name": name, "most": most}
        )
    return text


def _score(value: Any) -> float | None:
    if is_missing(value) or isinstance(value, bool):
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        raise BadRow(gettext("'draft score' is no number")) from None
    return score if math.isfinite(score) else None
