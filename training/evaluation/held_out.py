"""Measure a coach on a run's held-out pairs, with the product's own pipeline.

    python -m training.evaluation.held_out RUN_FOLDER [--adapter FOLDER]
        [--current FOLDER] [--backend DOTTED.PATH] [--limit N]

Reads `config.json`, `held_out.jsonl` and `adapter/` of the run's folder; an adapter
that brings its own `manifest.json` is run by that. `--current` is the adapter of the
coach to beat. A pair that one of them was trained on (its manifest tells, or that of
`start/`, which the run went on from) would favour it and is left out. Writes
`evaluation.json`. Drafts made before a kill are kept in `evaluation.part.jsonl` and
used again, losses likewise in `losses.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from revision_engine.postprocess import has_loop, is_parseable
from revision_engine.types import CoachRef, DraftResult
from training.evaluation import metrics
from training.evaluation.coaches import coach_of, trained_on
from training.evaluation.done_lines import kept
from training.evaluation.drafting import LOCAL, drafted
from training.examples import RevisionExample, edit_distance, read_jsonl
from training.manifest import PRINT_CHARS, START
from training.progress import Progress, telling

LOSS = "training.evaluation.held_out_loss"


@dataclass(slots=True)
class Work:
    """One coach and what it made of the held-out pairs, by their source_id."""

    coach: CoachRef
    store: Path
    drafts: dict[str, DraftResult] = field(default_factory=dict)
    losses: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return sum(draft.seconds for draft in self.drafts.values())


def evaluate(
    folder: Path,
    *,
    backend: str = LOCAL,
    adapter: Path | None = None,
    current: Path | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Draft every held-out pair, write the report, and give it back.

    `current` is the adapter of the active coach, measured on the same pairs. `limit`
    keeps the first pairs of the file. Losses need a local model: with a backend other
    than the default there are none.
    """
    adapters = [adapter or folder / "adapter", *([current] if current else [])]
    offered = list(islice(read_jsonl(folder / "held_out.jsonl"), limit))
    known = set[str]().union(*map(trained_on, [*adapters, folder / START]))
    examples = [e for e in offered if e.fingerprint[:PRINT_CHARS] not in known]
    works = [Work(*coach_of(one, folder)) for one in adapters]
    progress = Progress(folder)
    progress.say("evaluating", done=0, total=len(examples) * len(works))
    if examples and backend == LOCAL:
        for work in works:
            work.losses = _losses(folder, work, limit)
    _draft_all(folder, examples, works, backend, progress)
    left_out = len(offered) - len(examples)
    report = _report(examples, works) | {"left_out": left_out}
    part = folder / "evaluation.json.part"
    part.write_text(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
    part.rename(folder / "evaluation.json")
    return report


def _losses(folder: Path, work: Work, limit: int | None) -> dict[str, dict[str, Any]]:
    """Measured by a process that gives its memory back before the drafts.

    If it fails, its words are in the log and the report has fewer losses: drafts say
    more, and hours of training are not thrown away for them. A loss that is no number
    (a coach that diverged) is none.
    """
    command = [sys.executable, "-m", LOSS, str(folder)]
    command += ["--adapter", str(work.store / work.coach.adapter)]
    command += ["--limit", str(limit)] if limit is not None else []
    subprocess.run(command, check=False)
    rows = kept(folder / "losses.jsonl", work.coach)
    return {row["source_id"]: row for row in rows if isfinite(row["loss"])}


def _draft_all(
    folder: Path,
    examples: Sequence[RevisionExample],
    works: Sequence[Work],
    backend: str,
    progress: Progress,
) -> None:
    parent, total = os.getppid(), len(examples) * len(works)
    kept_in = folder / "evaluation.part.jsonl"
    for work in works:
        for draft in drafted(kept_in, examples, work.coach, work.store, backend):
            work.drafts[draft.key] = draft
            done = sum(len(one.drafts) for one in works)
            progress.say("evaluating", done=done, total=total)
            if os.getppid() != parent:
                raise SystemExit("The process that started this evaluation is gone.")


def _report(
    examples: Sequence[RevisionExample], works: Sequence[Work]
) -> dict[str, Any]:
    mine = works[0]
    samples = [_sample(example, works) for example in examples]
    seconds = mine.seconds
    return {
        "figures": [asdict(figure) for figure in metrics.recount(samples)],
        "samples": samples,
        "seconds": seconds,
        "drafts_per_minute": 60 * len(examples) / seconds if seconds else None,
        "model": mine.coach.base_model,
        "adapter_sha256": mine.coach.adapter_sha256,
        "current_adapter_sha256": "".join(w.coach.adapter_sha256 for w in works[1:]),
    }


def _sample(example: RevisionExample, works: Sequence[Work]) -> dict[str, Any]:
    """One pair, with all that its figures are counted from."""
    mine, *others = [_told(example, work) for work in works]
    beside = {"current": others[0]} if others else {}
    return {
        "source_id": example.source_id,
        "category": example.category,
        "raw": asdict(example.raw),
        "expert": asdict(example.revised),
        "distance_raw": edit_distance(example.raw, example.revised),
        "distance_draft": mine.pop("distance"),
        **mine,
        **beside,
    }


def _told(example: RevisionExample, work: Work) -> dict[str, Any]:
    draft = work.drafts[example.source_id]
    loss = work.losses.get(example.source_id, {})
    return {
        "draft": asdict(draft.text),
        "problem": draft.problem,
        "distance": edit_distance(draft.text, example.revised),
        "parseable": is_parseable(draft.raw_output, example.raw, work.coach.prompt),
        "loop": has_loop(draft.raw_output, example.raw),
        "loss": loss.get("loss"),
        "tokens": loss.get("tokens", 0),
        "mean_logprob": draft.mean_logprob,
    }


def main() -> None:
    """Evaluate the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Measure a coach on held-out pairs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default=LOCAL, help="dotted path of its class")
    parser.add_argument("--adapter", type=Path, help="instead of the run's own")
    parser.add_argument("--current", type=Path, help="adapter of the coach to beat")
    parser.add_argument("--limit", type=int, help="only so many pairs")
    asked = parser.parse_args()
    with telling(asked.folder):
        evaluate(**vars(asked))


if __name__ == "__main__":
    main()
