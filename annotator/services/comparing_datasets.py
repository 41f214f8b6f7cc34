"""Lay out a study that compares datasets by the models that are tuned on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.services import reading_files
from revision_engine.types import PairText
from training.evaluation.judges.judge import Judge
from training.evaluation.tuned import contamination, study, testsets
from training.examples import RevisionExample, write_jsonl

FILTERED = "filtered"
"""The arm of what the judge holds for good enough: the other way to clean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One arm: the pairs of a file."""

    source: Path
    is_raw: bool = False
    """Of rows that have both, the raw side instead of the revised one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """What a study is made of."""

    sizes: Mapping[str, int]
    """Pairs of each arm."""
    items: int
    contaminated: int
    """Items of the test set that were left out: an arm may hold their answer."""


def lay_out(
    folder: Path,
    datasets: Mapping[str, Dataset],
    testset: Path,
    *,
    seeds: Sequence[int],
    seen: int,
    config: Mapping[str, Any],
    tuning: str = study.LORA,
    keep_from: float | None = None,
    leave_out_bad: bool = False,
    judge: Judge,
) -> LaidOut:
    """Write what training.evaluation.tuned.study reads into a new folder.

    With `keep_from` there is one more arm: of the first dataset the pairs that the
    judge rates so or better. Items that an arm may have seen are left out, and so are
    rows that cannot be read if they may be. Invalid names the file, row or setting that
    cannot be used; nothing is written then.
    """
    if (folder / "study.json").exists():
        raise Invalid(f"{folder} holds a study: give it alone, and it goes on.")
    arms = {
        name: _pairs(dataset, leave_out_bad=leave_out_bad)
        for name, dataset in datasets.items()
    }
    if keep_from is not None:
        arms[FILTERED] = _rated(next(iter(arms.values()), []), keep_from, judge)
    try:
        items = testsets.read(testset)
    except (OSError, ValueError) as fault:  # BadTestSet is one
        raise Invalid(str(fault)) from None
    return lay_down(
        folder, arms, items, seeds=seeds, seen=seen, config=config, tuning=tuning
    )


def lay_down(
    folder: Path,
    arms: Mapping[str, Sequence[PairText]],
    items: Sequence[testsets.TestItem],
    *,
    seeds: Sequence[int],
    seen: int,
    config: Mapping[str, Any],
    tuning: str = study.LORA,
    fewest_items: int = 1,
) -> LaidOut:
    """Write a study whose pairs and items are read already; see lay_out."""
    try:
        asked = study.Study(
            arms=list(arms),
            seeds=list(seeds),
            seen=seen,
            config=dict(config),
            tuning=tuning,
        )
    except ValueError as fault:
        raise Invalid(str(fault)) from None
    learned = [pair for pairs in arms.values() for pair in pairs]
    known = contamination.overlapping(items, learned)
    unseen = [item for item in items if item.key not in known]
    if len(unseen) < fewest_items:
        raise Invalid(
            f"Of the {len(items)} instructions of the test set {len(known)} stand in "
            f"an arm, and {len(unseen)} are left; at least {fewest_items} are needed."
        )
    (folder / "datasets").mkdir(parents=True, exist_ok=True)
    for name, pairs in arms.items():
        write_jsonl(folder / "datasets" / f"{name}.jsonl", map(_example, pairs))
    study.write_items(folder / "testset.jsonl", unseen)
    (folder / "study.json").write_text(json.dumps(asdict(asked), indent=1))
    return LaidOut(
        sizes={name: len(pairs) for name, pairs in arms.items()},
        items=len(unseen),
        contaminated=len(known),
    )


def _pairs(dataset: Dataset, *, leave_out_bad: bool) -> list[PairText]:
    rows = reading_files.read(dataset.source, leave_out_bad=leave_out_bad).rows
    return [
        with_newlines(row.text if dataset.is_raw else row.revised or row.text)
        for row in rows
    ]


def _rated(pairs: Sequence[PairText], keep_from: float, judge: Judge) -> list[PairText]:
    found = [
        pair
        for pair, judged in zip(pairs, judge.rate(pairs), strict=True)
        if judged.rating is not None and judged.rating >= keep_from
    ]
    if not found:
        raise Invalid(f"No pair of the first dataset is rated {keep_from:g} or better.")
    return found


def _example(pair: PairText) -> RevisionExample:
    return RevisionExample(source_id="", raw=pair, revised=pair, distance=0)
