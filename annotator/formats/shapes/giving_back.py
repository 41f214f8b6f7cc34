"""A pair in the shape its row came in: the whole chat, with its new last exchange.

`context` and `shape` are those of a PairRow, as a Pair keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotator.formats.shapes import histories, names, turns
from annotator.formats.shapes.turns import OPENAI, SHAREGPT, Turn
from revision_engine.types import PairText

Context = Sequence[Mapping[str, Any]]
Shape = Mapping[str, Any]


def conversation(text: PairText, context: Context, shape: Shape) -> list[Turn]:
    """All turns as they are kept (see `turns`), of a pair without context two.

    An input stands below its instruction.
    """
    asked = "\n\n".join(filter(None, (text.instruction, text.input)))
    earlier = [dict(turn) for turn in context]
    head = len(earlier) - shape.get("between", 0)
    return [
        *earlier[:head],
        _turn("user", asked, shape),
        *earlier[head:],
        _turn("assistant", text.response, shape),
        *(dict(turn) for turn in shape.get("after", ())),
    ]


def _turn(role: str, content: str, shape: Shape) -> Turn:
    beside = dict(shape.get(role, {}))
    parts = beside.pop("parts", None)
    if parts and turns.joined(role, parts) == content:
        beside["parts"] = parts
    return {"role": role, "content": content, **beside}


def messages(text: PairText, context: Context, shape: Shape) -> list[Turn]:
    """The whole chat as OpenAI's messages."""
    whole = conversation(text, context, shape)
    is_sharegpt = shape.get("name") == "sharegpt"
    return [turns.written(_bare(turn) if is_sharegpt else turn) for turn in whole]


def sharegpt(text: PairText, context: Context, shape: Shape) -> list[Turn]:
    """The whole chat as ShareGPT's turns: from, value."""
    whole = conversation(text, context, shape)
    is_own = shape.get("name") == "sharegpt"
    return [turns.written(t if is_own else _bare(t), SHAREGPT) for t in whole]


def _bare(turn: Turn) -> Turn:
    """A turn whose own word for its role belongs to another shape."""
    return {key: value for key, value in turn.items() if key != "own_role"}


def columns(text: PairText, context: Context, shape: Shape) -> dict[str, Any]:
    """The columns that say the pair and its context, as the file had them."""
    own = shape.get("columns", names.ALPACA)
    if "conversation" in own:
        return _chat(text, context, shape)
    if "answered" in shape or "asked" in shape:
        return _prompt_and_answer(text, context, shape)
    texts = {
        own.get("instruction", "instruction"): text.instruction,
        own.get("input", "input"): text.input,
        own.get("response", "output"): text.response,
    }
    if "input" not in own and not text.input:
        del texts["input"]
    return texts | histories.columns(context, shape)


def _beside(
    context: Context, shape: Shape, own: Mapping[str, str]
) -> tuple[dict[str, Any], Context]:
    """The columns of a chat's row that hold earlier turns, and the turns left."""
    count = ("system" in own) + shape.get("history", 0)
    return histories.columns(context[:count], shape), context[count:]


def _chat(text: PairText, context: Context, shape: Shape) -> dict[str, Any]:
    own = shape["columns"]
    beside, left = _beside(context, shape, own)
    write = sharegpt if shape["name"] == "sharegpt" else messages
    return {own["conversation"]: write(text, left, shape), **beside}


def _prompt_and_answer(
    text: PairText, context: Context, shape: Shape
) -> dict[str, Any]:
    own = shape["columns"]
    beside, left = _beside(context, shape, own)
    whole = conversation(text, left, shape)
    written = [turns.written(turn, OPENAI) for turn in whole]
    asked = shape.get("asked", 1 if "instruction" in own else 0)
    prompt: Any = written[:asked] if "asked" in shape else text.instruction
    answer: Any = written[asked:] if "answered" in shape else text.response
    found = {own["instruction"]: prompt} if "instruction" in own else {}
    return {**found, own["response"]: answer, **beside}
