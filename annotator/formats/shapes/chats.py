"""Find the chat of a row: in a column of turns, or in its question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow, text_of
from annotator.formats.rows import Named
from annotator.formats.shapes import turns as chat
from annotator.formats.shapes.exchanges import Exchange, last_exchange, refuse_pictures
from annotator.formats.shapes.turns import OPENAI, Turn
from annotator.formats.spellings import is_missing, plain


def exchange_of(cells: Named, rest: dict[str, Any]) -> Exchange | None:
    """The last exchange of a row that holds a chat; None for one that holds none.

    What the chat does not use of the cells is put into `rest`. BadRow, OtherFormat: it
    is a chat of which nothing can be revised.
    """
    cells = _unpacked(cells)
    ask, answer = cells.get("instruction"), cells.get("response")
    if _holds_turns(ask) or _holds_turns(answer):
        return _of_two(cells, rest)
    talk = cells.get("conversation")
    if talk is None or (_is_filled(ask) and _is_filled(answer)):
        return None
    name, value = talk
    value = chat.decoded(value)
    if not isinstance(value, list) or not chat.are_turns(value):
        return None
    for cell in (ask, answer, cells.get("input")):
        if cell and not is_missing(cell[1]):
            rest[cell[0]] = cell[1]
    words = "messages" if chat.words_of(value) is OPENAI else "sharegpt"
    exchange = _last(name, chat.read(name, value), rest)
    exchange.shape |= {"name": words, "columns": {"conversation": name}}
    return exchange


def _unpacked(cells: Named) -> Named:
    """The same with the turns that a table holds as JSON: of a chosen answer, and of a
    prompt with its completion where both hold some. One alone may be a text that shows
    what a chat looks like."""
    ask, answer = cells.get("instruction"), cells.get("response")
    if answer is None or plain(answer[0]) not in ("chosen", "completion"):
        return cells
    asked = chat.decoded(ask[1]) if ask else None
    answered = chat.decoded(answer[1])
    are_both = chat.are_turns(asked) and chat.are_turns(answered)
    is_chosen = plain(answer[0]) == "chosen" and chat.are_turns(answered)
    if not are_both and not is_chosen:
        return cells
    found = {**cells, "response": (answer[0], answered)}
    if ask and are_both:
        found["instruction"] = (ask[0], asked)
    return found


def _holds_turns(cell: tuple[str, Any] | None) -> bool:
    return cell is not None and chat.are_turns(cell[1])


def _is_filled(cell: tuple[str, Any] | None) -> bool:
    return cell is not None and not is_missing(cell[1])


def _last(name: str, turns: Sequence[Turn], rest: dict[str, Any]) -> Exchange:
    refuse_pictures(turns, rest)
    return last_exchange(name, turns)


def _of_two(cells: Named, rest: dict[str, Any]) -> Exchange:
    """Of a question and an answer of which one at least is a list of turns."""
    if not _is_filled(answer := cells.get("response")) or answer is None:
        raise BadRow(
            gettext("%(name)r has no answer beside it")
            % {"name": cells["instruction"][0]}
        )
    key, value = answer
    answered = _turns(key, value, "assistant")
    asked: list[Turn] = []
    names = {"response": key}
    if (ask := cells.get("instruction")) and _is_filled(ask):
        asked = _turns(ask[0], ask[1], "user")
        if any(turn["role"] == "user" for turn in answered):
            rest[ask[0]] = ask[1]  # the answer repeats the question
            asked = []
        else:
            names["instruction"] = ask[0]
    if (given := cells.get("input")) and _is_filled(given):
        rest[given[0]] = given[1]
    exchange = _last(key, [*asked, *answered], rest)
    is_choice = plain(key) == "chosen"
    name = "dpo" if is_choice else "prompt-completion"
    exchange.shape |= {"name": name, "columns": names}
    if asked and ask and chat.are_turns(ask[1]):
        exchange.shape["asked"] = len(asked)
    if chat.are_turns(value):
        exchange.shape["answered"] = True
    return exchange


def _turns(name: str, value: Any, role: str) -> list[Turn]:
    if chat.are_turns(value):
        return chat.read(name, value)
    return [{"role": role, "content": text_of(name, value)}]
