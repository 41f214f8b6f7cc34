"""Preferences that nobody voiced: a coach's own drafts, ranked by people's texts.

For some training pairs the coach draws candidates beside its greedy draft; the one
nearest to the person's text is held against the farthest. What that cures is what
likelihood does not see: drafts that are too long, that repeat themselves, or that
change what people leave alone. Drafts are kept in `candidates.jsonl`, a JSON object a
line, which a second start goes on with.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from revision_engine import prompts
from revision_engine.backends.local import LocalBackend
from revision_engine.postprocess import check
from revision_engine.types import CoachRef
from training.config import LoraConfig
from training.examples import RevisionExample, edit_distance
from training.manifest import START
from training.recipes.batches import Encoded

CANDIDATES = 4
"""Drawn for each pair, beside the greedy draft."""
TEMPERATURE = 0.5
LEAST_DISTANCE = 30
"""Characters that the person changed, at least: else there is little to prefer."""
MOST_CHARACTERS = 2600
"""Raw and revised response together; longer ones cost the most time."""
MARGIN, LEAST_MARGIN = 0.08, 15
"""Two drafts must differ by this share of the person's edits, and by so many
characters, to be learned from."""
CHUNK = 25
"""Pairs whose candidates are drawn, and stored, together."""
UNUSABLE = 10**6
"""Stands for the distance of a draft that an annotator would not see."""

Sides = tuple[Encoded, Encoded]


def drawn(
    folder: Path, examples: Sequence[RevisionExample], tokenizer: Any, lora: LoraConfig
) -> Iterator[Sides]:
    """Two drafts of one pair, the nearer one first, for `draws` of the pairs."""
    chosen = [example for example in examples if _is_fit(example)]
    random.Random(lora.seed).shuffle(chosen)
    chosen = chosen[: lora.draws]
    found = {row["source_id"]: row["drafts"] for row in draw(folder, chosen, lora)}
    for example in chosen:
        yield from choices(example, found[example.source_id], tokenizer, lora)


def draw(
    folder: Path, examples: Sequence[RevisionExample], lora: LoraConfig
) -> Iterator[dict[str, Any]]:
    """The candidates of each pair: those of an earlier start, then as they come."""
    store = folder / "candidates.jsonl"
    known = [json.loads(line) for line in store.open()] if store.exists() else []
    yield from known
    done = {row["source_id"] for row in known}
    todo = [example for example in examples if example.source_id not in done]
    if not todo:
        return
    backend = LocalBackend(coach(folder, lora), folder)
    for start in range(0, len(todo), CHUNK):
        some = todo[start : start + CHUNK]
        rows = [
            {"source_id": example.source_id, "drafts": drafts}
            for example, drafts in zip(
                some, drafts_of(backend, some, lora), strict=True
            )
        ]
        part = store.with_name(f"{store.name}.part")
        known += rows
        part.write_text("".join(json.dumps(row) + "\n" for row in known))
        part.rename(store)
        yield from rows


def coach(folder: Path, lora: LoraConfig) -> CoachRef:
    """The one that the run goes on from."""
    return CoachRef(
        name=folder.name,
        base_model=lora.base_model,
        base_revision=lora.base_revision,
        adapter=START,
        adapter_sha256=lora.start_from,
        prompt=lora.prompt,
        wording=lora.wording,
    )


def drafts_of(
    backend: LocalBackend, examples: Sequence[RevisionExample], lora: LoraConfig
) -> list[list[dict[str, Any]]]:
    """Each pair's greedy draft, then its candidates."""
    prompt = prompts.by_version(lora.prompt)
    turns = [prompt.render(example.raw, lora.wording) for example in examples]
    many = [turn for turn in turns for _ in range(CANDIDATES)]
    seeds = [lora.seed * 1_000_003 + place for place in range(len(many))]
    found: list[list[dict[str, Any]]] = [[] for _ in examples]
    for place, said in backend.complete(turns):
        found[place].append({"text": said.text, "finished": said.finished})
    for place, said in backend.draw(many, seeds, TEMPERATURE):
        found[place // CANDIDATES].append(
            {"text": said.text, "finished": said.finished}
        )
    return found


def choices(
    example: RevisionExample,
    drafts: Sequence[dict[str, Any]],
    tokenizer: Any,
    lora: LoraConfig,
) -> Iterator[Sides]:
    """The nearest draft against the farthest, and the second against the middle."""
    told = {draft["text"]: draft for draft in drafts}.values()
    ranked = sorted(
        ((_distance(example, draft, lora), draft) for draft in told),
        key=lambda pair: pair[0],
    )
    if not ranked or ranked[0][0] == UNUSABLE:
        return
    margin = max(LEAST_MARGIN, MARGIN * example.distance)
    last = len(ranked) - 1
    for near, far in ((0, last), (1, (last + 1) // 2 + 1)):
        if near < far <= last and ranked[far][0] - ranked[near][0] >= margin:
            yield (
                encoded(example, ranked[near][1], tokenizer, lora),
                encoded(example, ranked[far][1], tokenizer, lora),
            )


def _distance(example: RevisionExample, draft: dict[str, Any], lora: LoraConfig) -> int:
    """Characters between what an annotator would see and the person's text."""
    text, problem = check(
        example.raw,
        draft["text"],
        finished=draft["finished"],
        wording=lora.wording,
        prompt=lora.prompt,
    )
    return UNUSABLE if problem else edit_distance(text, example.revised)


def encoded(
    example: RevisionExample, draft: dict[str, Any], tokenizer: Any, lora: LoraConfig
) -> Encoded:
    """A draft as the coach wrote it."""
    asked = prompts.by_version(lora.prompt).render(example.raw, lora.wording)
    target = prompts.text_ids(tokenizer, draft["text"])
    end = [tokenizer.eos_token_id] if draft["finished"] else []
    return Encoded(prompts.chat_ids(tokenizer, asked), [*target, *end])


def _is_fit(example: RevisionExample) -> bool:
    length = len(example.raw.response) + len(example.revised.response)
    return example.distance >= LEAST_DISTANCE and length < MOST_CHARACTERS
