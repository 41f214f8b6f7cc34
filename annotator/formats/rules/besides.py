"""All texts that stand beside a pair: taken out, and put in again.

Those of the turns before it, of the rest of its chat, and of the file's other columns.
An id and a category are none: by them a row is known elsewhere. Nor are numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from annotator.formats.rules import turn_texts
from annotator.formats.rules.outcomes import Beside
from annotator.formats.side_columns import OWN

CHAT = ("user", "assistant", "after")
"""Parts of a shape that hold what somebody said (formats/shapes/exchanges)."""


def texts_of(beside: Beside) -> list[str]:
    """All of them, in their order."""
    return [
        *turn_texts.texts_of(beside.context),
        *turn_texts.texts_of(_chat(beside)),
        *turn_texts.texts_within(_columns(beside)),
    ]


def altered(beside: Beside, texts: Sequence[str]) -> dict[str, Any]:
    """The parts of it that become others with these texts in the places of theirs."""
    coming = iter(texts)
    context, chat = (
        turn_texts.with_texts(turns, islice(coming, len(turn_texts.texts_of(turns))))
        for turns in (beside.context, _chat(beside))
    )
    columns = turn_texts.with_texts_within(_columns(beside), coming)
    found: dict[str, Any] = {}
    if context != list(beside.context):
        found["context"] = tuple(context)
    if chat != _chat(beside):
        found["shape"] = {**beside.shape, **chat[0]}
    if columns != _columns(beside):
        found["extra"] = {**beside.extra, **columns}
    return found


def _chat(beside: Beside) -> list[Mapping[str, Any]]:
    found = {name: beside.shape[name] for name in CHAT if name in beside.shape}
    return [found] if found else []


def _columns(beside: Beside) -> dict[str, Any]:
    return {name: value for name, value in beside.extra.items() if name not in OWN}


def spoken(part: Any) -> str:
    """Turns, or columns, as one text for people: who said what, or a line a column."""
    if not isinstance(part, Mapping):
        return turn_texts.spoken(part)
    return "\n".join(
        f"{name}: "
        f"{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in part.items()
    )
