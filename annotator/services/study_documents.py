"""What a model study found, as one document: figures, answers, and its papers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotator.domain.blind_ratings import MOST_TEXTS, draw
from training.evaluation import done_lines
from training.evaluation.tuned import answering, study
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
    first = _first_seeds(runs)
    said = {arm: _answers(folder, arm, seed) for arm, seed in first.items()}
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
    """Test items with what each arm's model of the first seed answers, whole: those
    with the least hashes, least first."""
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    arms = _first_seeds(report["runs"])
    said = {arm: _answers(folder, arm, seed) for arm, seed in arms.items()}
    items = study.read_items(folder / "testset.jsonl")
    return [
        {
            "instruction": item.instruction,
            "input": item.input,
            "answers": {arm: said[arm][item.key] for arm in arms},
        }
        for item in sorted(items, key=lambda item: draw(item.key))[:MOST_TEXTS]
    ]


def _first_seeds(runs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Of each arm that has answered."""
    first: dict[str, int] = {}
    for run in runs:
        first.setdefault(run["arm"], run["seed"])
    return first


def _clipped(text: str) -> str:
    return text if len(text) <= CLIP else f"{text[:CLIP]} …"


def _answers(folder: Path, arm: str, seed: int) -> dict[str, str]:
    """As a run of the study kept them."""
    path = folder / "runs" / f"{arm}-{seed}" / answering.NAME
    return {row["key"]: row["response"] for row in done_lines.rows(path)}
