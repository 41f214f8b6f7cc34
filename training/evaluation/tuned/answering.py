"""What a tuned model answers to the instructions of a test set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from revision_engine import prompts
from revision_engine.backends.base import Backend
from revision_engine.types import CoachRef
from training.evaluation.done_lines import keep, kept
from training.evaluation.tuned.testsets import TestItem

NAME = "answers.jsonl"
ANSWER_CHARS = 20_000
"""More of an answer is not looked at."""


def answers(
    folder: Path,
    model: CoachRef,
    items: Sequence[TestItem],
    load: Callable[[], Backend],
) -> dict[str, str]:
    """The response to each item, by its key; greedy, and kept in the folder.

    What was answered before a kill is not asked again, and a model that has answered
    everything is not loaded. An instruction that is too long for the model has an
    empty response.
    """
    path = folder / NAME
    known = {row["key"]: str(row["response"]) for row in kept(path, model)}
    todo = [item for item in items if item.key not in known]
    if todo:
        render = prompts.by_version(model.prompt).render
        turns = [render(item.answered(""), model.wording) for item in todo]
        for place, said in load().complete(turns):
            response = said.text.strip()[:ANSWER_CHARS]
            keep(path, model, key=todo[place].key, response=response)
            known[todo[place].key] = response
    return {item.key: known[item.key] for item in items}
