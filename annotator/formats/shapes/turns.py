"""The turns of a chat, as they are kept: role, content, and what else was said.

`role` is one of ROLES. The file's own word for it stands under `own_role` where the
shape's usual word would not bring it back, and parts of a content under `parts`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import (
    MAX_DEPTH,
    BadRow,
    OtherFormat,
    depth,
    storable,
    text_of,
)
from annotator.formats.json_values import loads
from annotator.formats.rows import MAX_FIELD_CHARS

ROLES = ("system", "user", "assistant", "tool")
_MEANT = {
    "system": ("system", "developer"),
    "user": ("user", "human", "prompter", "instruction"),
    "assistant": ("assistant", "gpt", "chatgpt", "model", "bot", "function_call"),
    "tool": ("tool", "function", "observation", "ipython"),
}
_ROLE_OF = {word: role for role, words in _MEANT.items() for word in words}
OPENAI = {role: role for role in ROLES}
SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}
"""The usual word of each role."""
MAX_TURNS = 500
MAX_CHARS = 200_000
"""Of all turns of a row together."""
Turn = dict[str, Any]


def decoded(value: object) -> object:
    """A cell of CSV or Parquet holds a list as JSON: the list; else the value."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def are_turns(value: object) -> bool:
    """Whether it is a list of objects that say who speaks, and what."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, Mapping) and _keys(turn) for turn in value)
    )


def _keys(turn: Mapping[str, Any]) -> tuple[str, str] | None:
    """Under which keys a turn says who speaks, and what."""
    role = next((key for key in ("role", "from") if key in turn), "")
    content = next((key for key in ("content", "value") if key in turn), "")
    if role == "role" and not content and "tool_calls" in turn:
        content = "content"
    return (role, content) if role and content else None


def words_of(value: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """The usual words for roles in a list of turns, told by its first."""
    return OPENAI if "role" in value[0] else SHAREGPT


def read(name: str, value: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The turns of a list for which `are_turns`; BadRow names the turn."""
    if len(value) > MAX_TURNS:
        raise BadRow(
            gettext("%(name)r has %(count)s turns; %(most)s are allowed")
            % {"name": name, "count": f"{len(value):,}", "most": MAX_TURNS}
        )
    words = words_of(value)
    turns = [_turn(f"{name} {n}", each, words) for n, each in enumerate(value, 1)]
    check(name, turns)
    return turns


def check(name: str, turns: Sequence[Turn]) -> None:
    """BadRow where they are more than people could read."""
    chars = sum(len(turn["content"] or "") for turn in turns)
    if chars > MAX_CHARS:
        raise BadRow(
            gettext(
                "%(name)r has %(chars)s characters in its turns; %(most)s are allowed"
            )
            % {"name": name, "chars": f"{chars:,}", "most": f"{MAX_CHARS:,}"}
        )


def _turn(name: str, given: Mapping[str, Any], words: Mapping[str, str]) -> Turn:
    keys = _keys(given)
    if keys is None:
        raise BadRow(
            gettext("%(name)r says not who speaks (role) and what (content)")
            % {"name": name}
        )
    said, content = given[keys[0]], given.get(keys[1])
    role = _ROLE_OF.get(said.strip().casefold()) if isinstance(said, str) else None
    if role is None:
        shown = json.dumps(said)[:80]
        raise BadRow(
            gettext("%(name)r has the role %(shown)s, not one of %(roles)s")
            % {"name": name, "shown": shown, "roles": ", ".join(ROLES)}
        )
    turn: Turn = {"role": role, "content": None}
    if said != words[role]:
        turn["own_role"] = said
    if isinstance(content, list):
        turn["content"], turn["parts"] = joined(name, content), content
    elif content is not None or not given.get("tool_calls"):
        turn["content"] = text_of(name, "" if content is None else content)
    beside = {key: each for key, each in given.items() if key not in keys}
    if depth(beside) > MAX_DEPTH:
        raise BadRow(
            gettext("%(name)r is nested more than %(most)s deep")
            % {"name": name, "most": MAX_DEPTH}
        )
    return turn | beside


def joined(name: str, parts: Sequence[object]) -> str:
    """The texts of a content of parts; OtherFormat where one is no text."""
    texts = []
    for part in parts:
        kind = part.get("type", "text") if isinstance(part, Mapping) else "text"
        text = part.get("text") if isinstance(part, Mapping) else part
        if kind != "text" or not isinstance(text, str):
            raise OtherFormat(
                gettext(
                    "%(name)r is multi-modal (it holds %(kind)r): people revise texts "
                    "here; leave such rows out, or say in words what is shown"
                )
                % {"name": name, "kind": str(kind)[:40]}
            )
        texts.append(text)
    return storable(name, text_of(name, "\n".join(texts)), MAX_FIELD_CHARS)


def written(turn: Mapping[str, Any], words: Mapping[str, str] = OPENAI) -> Turn:
    """A kept turn as the file had it, in the keys that go with `words`."""
    said, heard = ("role", "content") if words is OPENAI else ("from", "value")
    beside = {
        key: value
        for key, value in turn.items()
        if key not in ("role", "content", "own_role", "parts")
    }
    role = turn.get("own_role", words[turn["role"]])
    return {said: role, heard: turn.get("parts", turn["content"]), **beside}
