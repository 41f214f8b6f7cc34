"""What a model study found, as one document: figures, answers, and its papers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotator.domain.blind_ratings import MOST_TEXTS, draw
from training.evaluation.tuned import study
from training.evaluation.tuned.testsets import TestItem

VERSION = 1
SHOWN = 6
"""Test items whose answers are shown: those with the least keys, hashes that they
are."""
CLIP = 1_500
"""Characters of a text that are shown."""
REPORT = "report.json"


def document(folder: Path, papers: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Of a study's folder; `papers` are what it was made of."""
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    items = study.read_items(folder / "testset.jsonl")
    return {
        "version": VERSION,
        "report": report,
        "samples": _samples(folder, items, report["runs"]),
        "manifest": {
            **papers,
            "seconds": round(seconds),
            "testset_sha256": _digest(folder / "testset.jsonl"),
            "datasets_sha256": {
                name: _digest(folder / "datasets" / f"{name}.jsonl")
                for name in papers["pairs"]
            },
        },
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _samples(
    folder: Path, items: Sequence[TestItem], runs: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What each arm answers to some items, with the first seed that it has."""
    first: dict[str, int] = {}
    for run in runs:
        first.setdefault(run["arm"], run["seed"])
    said = {arm: study.kept_answers(folder, arm, seed) for arm, seed in first.items()}
    chosen = sorted(items, key=lambda item: item.key)[:SHOWN]
    return [
        {
            "key": item.key,
            "category": item.category,
            "instruction": _clipped(item.instruction),
            "input": _clipped(item.input),
            "reference": _clipped(item.reference),
            "answers": [
                {"arm": arm, "seed": seed, "response": _clipped(said[arm][item.key])}
                for arm, seed in first.items()
            ],
        }
        for item in chosen
    ]


def for_raters(folder: Path) -> list[dict[str, Any]]:
    """Test items with what each arm's models answer, whole, a row an item and seed:
    those with the least hashes of both, least first, so that every seed has its share.

    The untuned model is one and the same for all seeds.
    """
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    runs = [(run["arm"], run["seed"]) for run in report["runs"]]
    said = {run: study.kept_answers(folder, *run) for run in runs}
    untuned = {arm: answers for (arm, _), answers in said.items() if arm == study.BASE}
    seeds = dict.fromkeys(seed for arm, seed in runs if arm != study.BASE) or {
        seed: None for _, seed in runs
    }
    items = study.read_items(folder / "testset.jsonl")
    rows = [(item, seed) for item in items for seed in seeds]
    rows.sort(key=lambda row: draw(f"{row[0].key}:{row[1]}"))
    return [
        {
            "item": item.key,
            "seed": seed,
            "instruction": item.instruction,
            "input": item.input,
            "answers": {
                arm: answers[item.key]
                for arm, answers in _of_seed(said, seed, untuned).items()
            },
        }
        for item, seed in rows[:MOST_TEXTS]
    ]


def _of_seed(
    said: Mapping[tuple[str, int], Mapping[str, str]],
    seed: int,
    untuned: Mapping[str, Mapping[str, str]],
) -> dict[str, Mapping[str, str]]:
    tuned = {
        arm: answers
        for (arm, own), answers in said.items()
        if own == seed and arm != study.BASE
    }
    return {**untuned, **tuned}


def _clipped(text: str) -> str:
    return text if len(text) <= CLIP else f"{text[:CLIP]} …"
