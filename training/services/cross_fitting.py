"""Cross-fitting: coaches that learn parts of a run's examples draft the other parts.

So the estimate of which drafts help begins with as many honest examples as the run has:
no draft of them is by a coach that has learned its pair, or one alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from training import folds
from training.config import LoraConfig
from training.evaluation import unlearned
from training.evaluation.coaches import trained_on
from training.examples import RevisionExample, write_jsonl
from training.manifest import PRINT_CHARS, START
from training.models import CrossFittedDraft, Snapshot, SnapshotItem, TrainingRun
from training.services import snapshots

FOLDER = "folds"
MEASURED = "held_out.jsonl"


class FoldsTooSmall(ValueError):
    """Fewer examples than the parts need; the message says how many there are."""


def check(snapshot: Snapshot, count: int, known: Set[str]) -> None:
    """FoldsTooSmall unless each of `count` parts of a snapshot, 0 for none, has enough
    examples that nobody has learned; `known` are fingerprints."""
    if not count:
        return
    examples = snapshots.examples_of(snapshot, SnapshotItem.Role.TRAIN)
    dealt = _dealt(snapshot, examples, count)
    both = zip(examples, dealt, strict=True)
    sizes = Counter(part for one, part in both if one.fingerprint not in known)
    sizes.pop(folds.NOWHERE, None)
    smallest = min(sizes[part] for part in range(count))
    if why := folds.too_small(sizes.total(), count, smallest):
        raise FoldsTooSmall(why)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run's examples, with the folder in which its coach is made."""

    number: int
    """From 0 on."""
    folder: Path
    learned: Sequence[RevisionExample]
    """All the others."""
    drafted: Sequence[RevisionExample]
    """Those of the part that nothing behind its coach has learned."""


def parts_of(run: TrainingRun, folder: Path) -> list[Part]:
    """The parts of a run, in the order in which they are worked on.

    A part's folder is named by a digest of its examples and settings: what was made of
    others is never taken for its own.
    """
    config = LoraConfig.from_dict(run.config)
    examples = snapshots.examples_of(run.snapshot, SnapshotItem.Role.TRAIN)
    dealt = _dealt(run.snapshot, examples, config.folds)
    known = trained_on(folder / START)
    return [
        Part(number, folder / FOLDER / _name(config, *sides), *sides)
        for number, *sides in _sides(examples, dealt, config.folds, known)
    ]


def _dealt(
    snapshot: Snapshot, examples: Sequence[RevisionExample], count: int
) -> list[int]:
    measured = snapshots.examples_of(snapshot, *SnapshotItem.MEASURED)
    return folds.deal(examples, count, [example.raw for example in measured])


def _sides(
    examples: Sequence[RevisionExample],
    dealt: Sequence[int],
    count: int,
    known: set[str],
) -> Iterator[tuple[int, list[RevisionExample], list[RevisionExample]]]:
    both = list(zip(examples, dealt, strict=True))
    for number in range(count):
        learned = [example for example, part in both if part != number]
        drafted = [
            example
            for example, part in both
            if part == number and example.fingerprint[:PRINT_CHARS] not in known
        ]
        if learned and drafted:
            yield number, learned, drafted


def lay_out(part: Part, run: TrainingRun, folder: Path) -> None:
    """Write what the recipe and the drafting read, whole or not at all."""
    if part.folder.exists():
        return
    made = part.folder.with_name(f"{part.folder.name}.{os.getpid()}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    config = _config(LoraConfig.from_dict(run.config))
    (made / "config.json").write_text(json.dumps(config.as_dict(), indent=1))
    write_jsonl(made / "train.jsonl", part.learned)
    write_jsonl(made / unlearned.EXAMPLES, part.drafted)
    shutil.copyfile(folder / MEASURED, made / MEASURED)
    if (folder / START).exists():
        shutil.copytree(folder / START, made / START)
    made.rename(part.folder)


def keep(part: Part, run: TrainingRun) -> None:
    """Store a part's drafts; safe to do twice."""
    rows = run.snapshot.items.filter(role=SnapshotItem.Role.TRAIN)
    numbers = dict(rows.values_list("source_id", "pk"))
    CrossFittedDraft.objects.bulk_create(
        (
            CrossFittedDraft(
                run=run,
                example_id=numbers[draft.key],
                part=part.number,
                instruction=draft.text.instruction,
                input=draft.text.input,
                response=draft.text.response,
                problem=draft.problem,
                mean_logprob=draft.mean_logprob,
            )
            for draft in unlearned.drafts_in(part.folder)
        ),
        ignore_conflicts=True,
        batch_size=500,
    )


def clear(folder: Path) -> None:
    """Take the parts' coaches away: what they drafted is in rows."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _config(config: LoraConfig) -> LoraConfig:
    """A part's coach learns as the run's does."""
    return replace(config, folds=0)


def _name(
    config: LoraConfig,
    learned: Sequence[RevisionExample],
    drafted: Sequence[RevisionExample],
) -> str:
    told = [
        _config(config).as_dict(),
        *([_key(example) for example in side] for side in (learned, drafted)),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _key(example: RevisionExample) -> list[object]:
    revised = example.revised
    return [
        *(example.source_id, example.fingerprint, example.weight),
        *(revised.instruction, revised.input, revised.response),
    ]
