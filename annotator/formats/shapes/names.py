"""What the shapes are called, and the columns by which one knows them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from annotator.formats.spellings import plain

ALPACA = {"instruction": "instruction", "input": "input", "response": "output"}


@lru_cache(maxsize=64)  # the rows of a file have few different sets of columns
def _named(cells: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    names = {field: key for field, key in cells if field in (*ALPACA, *_BESIDE)}
    if all(ALPACA.get(field) == key for field, key in names.items()):
        return {}
    said = {field: plain(key) for field, key in names.items()}
    return {"name": _name(said), "columns": names}


_BESIDE = ("system", "history")
_BY_ANSWER = {
    "chosen": "dpo",
    "completion": "prompt-completion",
    "answer": "question-answer",
    "raw response": "revisions",
}


def _name(said: dict[str, str]) -> str:
    if said.get("input") == "context":
        return "dolly"
    return _BY_ANSWER.get(said.get("response", ""), "alpaca")


def shape_of(columns: dict[str, str]) -> dict[str, Any]:
    """The shape of a row without turns: its name, and its columns by field.

    Empty for Alpaca's own keys. `columns`: what the file calls each field.
    """
    return dict(_named(tuple(columns.items())))
