"""Earlier turns in columns of their own: `system`, and `history` as Alpaca has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow, text_of
from annotator.formats.rows import Named
from annotator.formats.shapes import turns as chat
from annotator.formats.shapes.exchanges import Exchange
from annotator.formats.shapes.turns import Turn
from annotator.formats.spellings import is_missing

Cell = tuple[str, Any]
_EMPTY = ("", "[]", "[[]]", "nan", "null", "none")


def before(
    cells: Named, rest: dict[str, Any], exchange: Exchange | None
) -> tuple[list[Turn], list[str]]:
    """The turns before a pair, and remarks; cells that say none go to `rest`.

    Those of its chat, if it comes from one, stand behind the columns' own.
    """
    turns = exchange.context if exchange else []
    turns = _with_history(cells.get("history"), turns, rest, exchange)
    return _with_system(cells.get("system"), turns, rest, exchange)


def _with_history(
    cell: Cell | None,
    turns: list[Turn],
    rest: dict[str, Any],
    exchange: Exchange | None,
) -> list[Turn]:
    if cell is None:
        return turns
    found = read(*cell)
    if not found:
        rest[cell[0]] = cell[1]
    elif exchange:
        exchange.names("history", cell[0])
        exchange.shape["history"] = len(found)
    return [*found, *turns]


def _with_system(
    cell: Cell | None,
    turns: list[Turn],
    rest: dict[str, Any],
    exchange: Exchange | None,
) -> tuple[list[Turn], list[str]]:
    if cell is None or is_missing(cell[1]):
        rest |= dict([cell]) if cell else {}
        return turns, []
    name, value = cell
    has_own = bool(turns) and turns[0]["role"] == "system"
    if isinstance(value, str) and not has_own:
        if exchange:
            exchange.names("system", name)
        return [{"role": "system", "content": text_of(name, value)}, *turns], []
    rest[name] = value
    if has_own and turns[0]["content"] == value:
        return turns, []
    told = gettext("%(name)r is kept, but nobody sees it at the desk")
    if has_own:
        told = gettext(
            "%(name)r is kept, but nobody sees it at the desk: the chat has a system "
            "prompt of its own"
        )
    return turns, [told % {"name": name}]


def is_empty(value: object) -> bool:
    """Whether a history holds no turn."""
    if isinstance(value, str):
        return value.strip().casefold() in _EMPTY
    return is_missing(value) or not value or value == [[]]


def read(name: str, value: object) -> list[Turn]:
    """[[question, answer], ...] or a list of turns, as such or as JSON.

    BadRow: it is neither. Without the turns before it an instruction may ask for
    something else, so they are never passed over.
    """
    if is_empty(value):
        return []
    value = chat.decoded(value)
    if isinstance(value, list) and chat.are_turns(value):
        return chat.read(name, value)
    if not isinstance(value, list) or not all(map(_is_exchange, value)):
        raise BadRow(
            gettext(
                "%(name)r holds earlier turns that cannot be read: write them as "
                '[["question", "answer"], ...], or as objects with role and content'
            )
            % {"name": name}
        )
    if len(value) > chat.MAX_TURNS // 2:
        raise BadRow(
            gettext("%(name)r has %(count)s turns; %(most)s are allowed")
            % {"name": name, "count": f"{2 * len(value):,}", "most": chat.MAX_TURNS}
        )
    found: list[Turn] = []
    for number, (ask, answer) in enumerate(value, 1):
        at = f"{name} {number}"
        found.append({"role": "user", "content": text_of(at, ask or "")})
        found.append({"role": "assistant", "content": text_of(at, answer or "")})
    chat.check(name, found)
    return found


def _is_exchange(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(each is None or isinstance(each, str) for each in value)
    )


def as_pairs(context: Sequence[Mapping[str, Any]]) -> list[list[str]] | None:
    """[[question, answer], ...]; None where that would not say all of the turns."""
    asks, answers = context[::2], context[1::2]
    alike = all(_is_bare(turn, "user") for turn in asks)
    alike = alike and all(_is_bare(turn, "assistant") for turn in answers)
    if not alike or len(asks) != len(answers):
        return None
    both = zip(asks, answers, strict=True)
    return [[ask["content"], answer["content"]] for ask, answer in both]


def _is_bare(turn: Mapping[str, Any], role: str) -> bool:
    return bool(turn["role"] == role and set(turn) == {"role", "content"})


def columns(
    context: Sequence[Mapping[str, Any]], shape: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that say the context of a pair beside Alpaca's keys.

    `system` and `history`, by the names that its file had for them; `read` makes the
    same turns of them again. Empty for a pair without context.
    """
    found: dict[str, Any] = {}
    rest = list(context)
    own = shape.get("columns", {})
    if rest and _is_bare(rest[0], "system"):
        found[own.get("system", "system")] = rest.pop(0)["content"]
    if rest:
        pairs = as_pairs(rest)
        found[own.get("history", "history")] = rest if pairs is None else pairs
    return found
