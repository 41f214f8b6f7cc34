"""Teach a coach to prefer those of its own drafts that are nearest to people's texts.

    python -m training.recipes.coach_preference RUN_FOLDER

A second stage, after coach_lora: its folder holds `config.json`, `train.jsonl` and
`adapter/`. For some training pairs the coach draws candidates beside its greedy draft;
the one nearest to the person's text is held against the farthest, and direct preference
optimisation (Rafailov et al., arXiv 2305.18290) with a share of plain likelihood (as in
RPO, arXiv 2404.19733) moves the adapter. It adds `candidates.jsonl`, one JSON object a
line, which a second start goes on with; lines to `progress.jsonl`; and `preferred/`.
`preference.json`, if it is there, changes the settings below.

What it cures is what likelihood does not see: drafts that are too long, that repeat
themselves, or that change what people leave alone.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import torch
from peft import set_peft_model_state_dict
from safetensors.torch import load_file
from torch.nn import functional

from revision_engine import prompts
from revision_engine.backends.local import LocalBackend
from revision_engine.postprocess import check
from revision_engine.types import CoachRef
from training.causes import Cause, Failed
from training.config import LoraConfig
from training.examples import RevisionExample, edit_distance, read_jsonl
from training.json_settings import checked
from training.manifest import WEIGHTS, digest_file
from training.progress import Progress, telling
from training.recipes import checkpoints, loading, losses
from training.recipes.batches import Encoded

CHUNK = 25
"""Pairs whose candidates are drawn, and stored, together."""
UNUSABLE = 10**6
"""Stands for the distance of a draft that an annotator would not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceConfig:
    """One second stage, in full."""

    pairs: int = 250
    """Training pairs that candidates are drawn for, at most."""
    least_distance: int = 30
    """Characters that the person changed, at least: else there is little to prefer."""
    most_characters: int = 2600
    """Raw and revised response together; longer ones cost the most time."""
    candidates: int = 4
    """Drawn for each pair, beside the greedy draft."""
    temperature: float = 0.5
    margin: float = 0.08
    """Share of the person's edits by which two candidates must differ to be learnt
    from, and ..."""
    least_margin: int = 15
    """... characters, at least."""
    beta: float = 0.1
    likelihood: float = 0.1
    """Weight of the nearer draft's loss, in nats a token."""
    learning_rate: float = 1e-4
    batch_size: int = 8
    max_tokens: int = 1500
    """Of two candidates with their prompts together."""
    seed: int = 5

    def __post_init__(self) -> None:
        for name in ("pairs", "candidates", "batch_size", "max_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("temperature", "beta", "learning_rate"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read saved settings; ValueError names a key that is wrong."""
        return cls(**checked(cls, values, "preference setting"))


@dataclass(frozen=True, slots=True)
class Choice:
    """Two drafts of one pair, as tokens: the first is nearer to the person's text."""

    better: Encoded
    worse: Encoded


def draw(
    folder: Path,
    examples: Sequence[RevisionExample],
    lora: LoraConfig,
    config: PreferenceConfig,
) -> Iterator[dict[str, Any]]:
    """The candidates of each pair: those of an earlier start, then as they come."""
    store = folder / "candidates.jsonl"
    known = [json.loads(line) for line in store.open()] if store.exists() else []
    yield from known
    done = {row["source_id"] for row in known}
    todo = [example for example in examples if example.source_id not in done]
    if not todo:
        return
    backend = LocalBackend(_coach(folder, lora), folder)
    for start in range(0, len(todo), CHUNK):
        rows = [
            {"source_id": example.source_id, "drafts": drafts}
            for example, drafts in zip(
                todo[start : start + CHUNK],
                _drafts(backend, todo[start : start + CHUNK], config),
                strict=True,
            )
        ]
        with store.open("a") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        yield from rows


def _coach(folder: Path, lora: LoraConfig) -> CoachRef:
    return CoachRef(
        name=folder.name,
        base_model=lora.base_model,
        base_revision=lora.base_revision,
        adapter="adapter",
        adapter_sha256=digest_file(folder / "adapter" / WEIGHTS),
        prompt=lora.prompt,
        wording=lora.wording,
    )


def _drafts(
    backend: LocalBackend,
    examples: Sequence[RevisionExample],
    config: PreferenceConfig,
) -> list[list[dict[str, Any]]]:
    prompt = prompts.by_version(backend.coach.prompt)
    turns = [prompt.render(example.raw, backend.coach.wording) for example in examples]
    each = config.candidates
    drawn = [turn for turn in turns for _ in range(each)]
    seeds = [config.seed * 1_000_003 + place for place in range(len(drawn))]
    found: list[list[dict[str, Any]]] = [[] for _ in examples]
    for place, said in backend.complete(turns):
        found[place].append({"text": said.text, "finished": said.finished})
    for place, said in backend.draw(drawn, seeds, config.temperature):
        found[place // each].append({"text": said.text, "finished": said.finished})
    return found


def choices(
    example: RevisionExample,
    drafts: Sequence[dict[str, Any]],
    tokenizer: Any,
    lora: LoraConfig,
    config: PreferenceConfig,
) -> Iterator[Choice]:
    """The nearest draft against the farthest, and the second against the middle."""
    told = {draft["text"]: draft for draft in drafts}.values()
    ranked = sorted(
        ((_distance(example, draft, lora), draft) for draft in told),
        key=lambda pair: pair[0],
    )
    if not ranked or ranked[0][0] == UNUSABLE:
        return
    margin = max(config.least_margin, config.margin * example.distance)
    last = len(ranked) - 1
    for near, far in ((0, last), (1, (last + 1) // 2 + 1)):
        if near < far <= last and ranked[far][0] - ranked[near][0] >= margin:
            better, worse = (
                _encoded(example, ranked[place][1], tokenizer, lora)
                for place in (near, far)
            )
            if len(better) + len(worse) < config.max_tokens:
                yield Choice(better, worse)


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


def _encoded(
    example: RevisionExample, draft: dict[str, Any], tokenizer: Any, lora: LoraConfig
) -> Encoded:
    asked = prompts.by_version(lora.prompt).render(example.raw, lora.wording)
    target = prompts.text_ids(tokenizer, draft["text"])
    end = [tokenizer.eos_token_id] if draft["finished"] else []
    return Encoded(prompts.chat_ids(tokenizer, asked), [*target, *end])


def prefer(
    model: Any, found: list[Choice], config: PreferenceConfig, log: Progress
) -> None:
    """One pass over the choices, against the adapter as it was at the start."""
    loss = losses.fastest(model)
    with torch.no_grad():
        before = [(loss([c.better]).item(), loss([c.worse]).item()) for c in found]
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=config.learning_rate, weight_decay=0.0)
    order = list(range(len(found)))
    random.Random(config.seed).shuffle(order)
    steps = math.ceil(len(order) / config.batch_size)
    for step in range(steps):
        batch = order[step * config.batch_size :][: config.batch_size]
        for group in optimizer.param_groups:
            group["lr"] = _rate(step, steps, config.learning_rate)
        total = 0.0
        for place in batch:
            choice, (start_better, start_worse) = found[place], before[place]
            better, worse = loss([choice.better]), loss([choice.worse])
            lead = (start_better - better) - (start_worse - worse)
            mean = better / len(choice.better.target)
            one = config.likelihood * mean - functional.logsigmoid(config.beta * lead)
            (one / len(batch)).backward()  # type: ignore[no-untyped-call]
            total += one.item() / len(batch)
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        log.say("preference", step=step + 1, steps=steps, loss=total)


def _rate(step: int, steps: int, peak: float) -> float:
    """A tenth of the steps of warm-up; half a cosine, down to a tenth of the peak."""
    warm = min(1.0, (step + 1) / max(1.0, 0.1 * steps))
    return peak * warm * (0.1 + 0.45 * (1 + math.cos(math.pi * step / steps)))


def main(folder: Path) -> None:
    """Draw, choose and prefer, from the files of the folder."""
    lora = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    told = folder / "preference.json"
    values = json.loads(told.read_text()) if told.exists() else {}
    config = PreferenceConfig.from_dict(values)
    log = Progress(folder)
    log.say("preference_start", **asdict(config))
    examples = [e for e in read_jsonl(folder / "train.jsonl") if _is_fit(e, config)]
    random.Random(config.seed).shuffle(examples)
    examples = examples[: config.pairs]
    drawn = {
        row["source_id"]: row["drafts"] for row in draw(folder, examples, lora, config)
    }
    model, tokenizer = loading.load_model(lora)
    set_peft_model_state_dict(model, load_file(folder / "adapter" / WEIGHTS))
    found = [
        choice
        for example in examples
        if example.source_id in drawn
        for choice in choices(
            example, drawn[example.source_id], tokenizer, lora, config
        )
    ]
    if not found:
        raise Failed(
            Cause.SETTING,
            "The coach's drafts of a pair are too much alike to prefer one: more "
            "candidates, or a higher temperature, would differ.",
        )
    prefer(model, found, config, log)
    checkpoints.save_adapter(
        folder,
        model,
        checkpoints.adapter_of(model),
        lora.base_model,
        name="preferred",
    )
    log.say("preference_done", choices=len(found))


def _is_fit(example: RevisionExample, config: PreferenceConfig) -> bool:
    length = len(example.raw.response) + len(example.revised.response)
    return example.distance >= config.least_distance and (
        length < config.most_characters
    )


if __name__ == "__main__":
    with telling(Path(sys.argv[1])):
        main(Path(sys.argv[1]))
