"""Teach a coach to rather write what people preferred: a second stage.

    python -m training.recipes.coach_preference RUN_FOLDER

Its folder is that of coach_lora with `start/`, the coach that it goes on from, and
`preferences.jsonl` (training.preferences.Preference). Direct preference optimisation
(Rafailov et al., arXiv 2305.18290) with a share of plain likelihood (as in RPO, arXiv
2404.19733) moves the adapter. With `draws` the coach's own drafts of some of the
examples are ranked as well (drawing.py).

All else is coach_lora's: packed passes, progress, checkpoints, cancelling, `adapter/`.
The held-out loss is drawn and decides nothing, since preferring costs likelihood: the
last adapter is the one that is saved. `reference.jsonl` keeps what the texts cost at
the start, so that a run that was killed need not ask that again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional

from revision_engine import prompts
from training import preferences
from training.causes import Cause, Failed
from training.preferences import Preference
from training.progress import telling
from training.recipes import coach_lora, drawing, losses
from training.recipes.batches import Encoded, micro_batches
from training.recipes.coach_lora import Lesson, Run

REFERENCE = "reference.jsonl"


@dataclass(frozen=True, slots=True)
class Choice:
    """Two texts for one prompt, as tokens, and what they cost at the start."""

    better: Encoded
    worse: Encoded
    start: tuple[float, float] = (0.0, 0.0)
    """Nats of each, by the coach that the run goes on from."""

    def __len__(self) -> int:
        return len(self.better) + len(self.worse)

    @property
    def target(self) -> list[int]:
        return self.better.target + self.worse.target


def teach(run: Run) -> Lesson:
    """To rather write the chosen text than the rejected one."""
    if not run.config.start_from:
        raise Failed(
            Cause.SETTING,
            "A second stage goes on from a coach: start_from names none.",
        )
    told = list(preferences.read_preferences(run.folder / preferences.NAME))
    encoded = [_encode(one, run) for one in told]
    drafts = drawing.drawn(run.folder, run.examples, run.tokenizer, run.config)
    encoded += [Choice(*sides) for sides in drafts] if run.config.draws else []
    limit = run.config.max_tokens
    fit = [one for one in encoded if max(len(one.better), len(one.worse)) <= limit]
    if not encoded:
        raise Failed(Cause.SETTING, "There is no preference to learn from.")
    if not fit:
        raise Failed(
            Cause.TOO_LONG,
            f"None of the {len(encoded)} preferences can be learnt from: none fits in "
            f"max_tokens={limit}.",
        )
    return Lesson(
        rows=_with_starts(run, fit),
        left_out=len(encoded) - len(fit),
        loss=preferred,
        weight=len,
    )


def _encode(one: Preference, run: Run) -> Choice:
    prompt = prompts.by_version(run.config.prompt)
    wording = prompts.asking_for(run.config.wording, one.hint)
    asked = prompts.chat_ids(run.tokenizer, prompt.render(one.raw, wording))
    end = run.tokenizer.eos_token_id
    better, worse = (
        Encoded(
            asked,
            [*prompts.text_ids(run.tokenizer, prompt.target(text, one.raw)), end],
        )
        for text in (one.chosen, one.rejected)
    )
    return Choice(better, worse)


def preferred(run: Run, part: Sequence[Choice]) -> torch.Tensor:
    """The loss of some choices, summed."""
    rows = [row for choice in part for row in (choice.better, choice.worse)]
    nats = losses.by_row(run.loss, rows).view(-1, 2)
    gained = torch.tensor([one.start for one in part]).to(nats) - nats
    lengths = torch.tensor([len(one.better.target) for one in part]).to(nats)
    lead = gained[:, 0] - gained[:, 1]
    likely = run.config.likelihood * nats[:, 0] / lengths
    return (likely - functional.logsigmoid(run.config.beta * lead)).sum()


@torch.no_grad()
def _with_starts(run: Run, choices: list[Choice]) -> list[Choice]:
    """The choices with what they cost before the first step.

    Passes are cut from all of them, whatever is known: a second start reckons as the
    first one did. Of several processes each reckons for itself, and keeps nothing.
    """
    alone = run.accelerator.num_processes == 1
    store = run.folder / REFERENCE
    known = _known(store, run.key) if alone else {}
    budget, cost = run.config.micro_batch_tokens, run.loss.cost
    places = [_Place(place, one) for place, one in enumerate(choices)]
    for part in micro_batches(places, budget, cost):
        run.watch.check()
        if all(each.place in known for each in part):
            continue
        rows = [row for each in part for row in (each.one.better, each.one.worse)]
        found = losses.by_row(run.loss, rows).view(-1, 2).tolist()
        fresh = {each.place: nats for each, nats in zip(part, found, strict=True)}
        known |= fresh
        if alone:
            _keep(store, run.key, fresh)
    return [
        replace(one, start=(known[place][0], known[place][1]))
        for place, one in enumerate(choices)
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    place: int
    one: Choice

    def __len__(self) -> int:
        return len(self.one)


def _known(store: Path, key: str) -> dict[int, list[float]]:
    """What an earlier start of the same run kept; half a line is none."""
    found: dict[int, list[float]] = {}
    if not store.exists():
        return found
    whole = store.read_bytes()
    whole = whole[: whole.rfind(b"\n") + 1]
    store.write_bytes(whole)
    for line in whole.splitlines():
        told = json.loads(line)
        if told["run"] == key:
            found |= {int(place): nats for place, nats in told["nats"].items()}
    return found


def _keep(store: Path, key: str, fresh: dict[int, list[float]]) -> None:
    with store.open("a") as file:
        file.write(json.dumps({"run": key, "nats": fresh}) + "\n")


def main() -> None:
    """Learn in the folder that the command line names, and tell what goes wrong."""
    folder = Path(sys.argv[1])
    with telling(folder):
        coach_lora.train_in_memory(folder, teach)


if __name__ == "__main__":
    main()
