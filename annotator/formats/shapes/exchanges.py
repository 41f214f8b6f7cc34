"""The exchange of a chat that is revised: its last question that has an answer.

What was said before it is its context. How the whole can be put together again is told
by `shape` (see `giving_back`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow, OtherFormat
from annotator.formats.shapes.turns import Turn
from annotator.formats.spellings import is_missing, plain

_PICTURES = ("image", "images", "video", "videos", "audio", "audios")
_PLACES = ("<image>", "<video>", "<audio>")


@dataclass(slots=True)
class Exchange:
    """One question with its answer, and what stood around it."""

    instruction: str
    response: str
    context: list[Turn]
    """All turns before the answer but the question itself, in their order."""
    shape: dict[str, Any] = field(default_factory=dict)
    """`between`: how many of the context's last turns stood between question and
    answer; `user`, `assistant`: what else these two turns said; `after`: turns behind
    the answer. Each only where there is something to say."""
    remarks: list[str] = field(default_factory=list)

    def names(self, part: str, column: str) -> None:
        """Remember what the file calls a part of it."""
        self.shape["columns"] = {**self.shape["columns"], part: column}


def last_exchange(name: str, turns: Sequence[Turn]) -> Exchange:
    """The last answer in words, and the question before it; BadRow without one."""
    answers = [n for n, turn in enumerate(turns) if _speaks(turn, "assistant")]
    asks = [n for n, turn in enumerate(turns) if _speaks(turn, "user")]
    if not answers:
        raise BadRow(
            gettext("%(name)r has no answer: no turn of the assistant holds a text")
            % {"name": name}
        )
    last = answers[-1]
    before = [n for n in asks if n < last]
    if not before:
        raise BadRow(
            gettext("%(name)r has no turn of the user before its last answer")
            % {"name": name}
        )
    ask = before[-1]
    exchange = Exchange(
        instruction=turns[ask]["content"],
        response=turns[last]["content"],
        context=[*turns[:ask], *turns[ask + 1 : last]],
    )
    beside: dict[str, Any] = {
        "between": last - ask - 1,
        "user": _beside(turns[ask]),
        "assistant": _beside(turns[last]),
        "after": list(turns[last + 1 :]),
    }
    exchange.shape = {key: value for key, value in beside.items() if value}
    if after := beside["after"]:
        told = gettext(
            "%(name)r goes on behind its last answer (%(count)s turns): that is kept "
            "and goes out again, but nobody sees it at the desk"
        )
        exchange.remarks.append(told % {"name": name, "count": len(after)})
    return exchange


def _speaks(turn: Turn, role: str) -> bool:
    return bool(turn["role"] == role and (turn["content"] or "").strip())


def _beside(turn: Turn) -> Turn:
    return {key: each for key, each in turn.items() if key not in ("role", "content")}


def refuse_pictures(turns: Sequence[Turn], rest: Mapping[str, Any]) -> None:
    """OtherFormat for a chat about pictures that stand in a column beside it."""
    named = [key for key, value in rest.items() if plain(key) in _PICTURES and value]
    shown = any(place in (turn["content"] or "") for turn in turns for place in _PLACES)
    for key in named:
        if shown and not is_missing(rest[key]):
            raise OtherFormat(
                gettext(
                    "it is multi-modal (%(key)r holds what its turns show): people "
                    "revise texts here; leave such rows out, or say in words what is "
                    "shown"
                )
                % {"key": key}
            )
