"""Measure a coach on a run's held-out pairs, with the product's own pipeline.

    python -m training.evaluation.held_out RUN_FOLDER [--adapter FOLDER]
        [--other-adapter FOLDER] [--backend DOTTED.PATH] [--limit N]

Reads `config.json`, `held_out.jsonl` and `adapter/` of the run's folder; an adapter
that brings its own `manifest.json` is run by that. Writes `evaluation.json`. Drafts
made before a kill are kept in `evaluation.part.jsonl` and used again.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from revision_engine.pipeline import drafts
from revision_engine.types import CoachRef, DraftRequest, DraftResult
from training.evaluation import metrics
from training.examples import RevisionExample, read_jsonl
from training.manifest import NAME, WEIGHTS, digest_file
from training.progress import Progress

HF = "revision_engine.backends.hf.HfBackend"

Drafts = dict[str, DraftResult]


def evaluate(
    folder: Path,
    *,
    backend: str = HF,
    adapter: Path | None = None,
    other_adapter: Path | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Draft every held-out pair, write the report, and give it back.

    `other_adapter` is a second coach to compare with; its figures have the side
    `other`. `limit` keeps the first pairs of the file.
    """
    examples = list(read_jsonl(folder / "held_out.jsonl"))[:limit]
    coaches = [coach_of(adapter or folder / "adapter", folder)]
    if other_adapter:
        coaches.append(coach_of(other_adapter, folder))
    made = _draft_all(folder, examples, coaches, backend)
    report = _report(examples, made[0], coaches[0][0])
    for other in made[1:]:
        report["figures"] += [
            asdict(figure) | {"side": "other"}
            for figure in metrics.figures(_measure(examples, other))
            if figure.side != "raw"
        ]
    part = folder / "evaluation.json.part"
    part.write_text(json.dumps(report, ensure_ascii=False, indent=1))
    part.rename(folder / "evaluation.json")
    return report


def coach_of(adapter: Path, run: Path) -> tuple[CoachRef, Path]:
    """The coach of an adapter's folder, and the store that the folder lies in."""
    papers = adapter / NAME
    source = papers if papers.exists() else run / "config.json"
    values = json.loads(source.read_text())
    coach = CoachRef(
        name=values.get("name", run.name),
        base_model=values["base_model"],
        base_revision=values["base_revision"],
        adapter=adapter.name,
        adapter_sha256=digest_file(adapter / WEIGHTS),
        prompt=values["prompt"],
        wording=values["wording"],
    )
    return coach, adapter.absolute().parent


def _draft_all(
    folder: Path,
    examples: Sequence[RevisionExample],
    coaches: Sequence[tuple[CoachRef, Path]],
    backend: str,
) -> list[Drafts]:
    progress, parent = Progress(folder), os.getppid()
    total, done = len(examples) * len(coaches), 0
    made: list[Drafts] = []
    progress.say("evaluating", done=0, total=total)
    for coach, store in coaches:
        ready: Drafts = {}
        for more in _drafts(folder, examples, coach, store, backend):
            ready |= more
            progress.say("evaluating", done=done + len(ready), total=total)
            if os.getppid() != parent:
                raise SystemExit("The process that started this evaluation is gone.")
        made.append(ready)
        done += len(ready)
    return made


def _drafts(
    folder: Path,
    examples: Sequence[RevisionExample],
    coach: CoachRef,
    store: Path,
    backend: str,
) -> Iterator[Drafts]:
    """First the drafts of an earlier start, then each as it is made."""
    path = folder / "evaluation.part.jsonl"
    wanted = {example.source_id for example in examples}
    known = _kept(path, coach, wanted)
    yield known
    todo = [example for example in examples if example.source_id not in known]
    if not todo:
        return
    engine = _class(backend)(coach, store)
    requests = [DraftRequest(pair_id=e.source_id, text=e.raw) for e in todo]
    for result in drafts(coach, engine, requests):
        _keep(path, coach, result)
        yield {result.pair_id: result}


def _keep(path: Path, coach: CoachRef, result: DraftResult) -> None:
    line = {"coach": coach.as_dict(), "draft": result.as_dict()}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _kept(path: Path, coach: CoachRef, wanted: set[str]) -> Drafts:
    """Drafts of this very coach; a line that a kill left half-written is left out."""
    kept: Drafts = {}
    if not path.exists():
        return kept
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            row = json.loads(line)
            draft = DraftResult.from_dict(row["draft"])
        except (ValueError, KeyError):
            continue
        if row["coach"] == coach.as_dict() and draft.pair_id in wanted:
            kept[draft.pair_id] = draft
    return kept


def _class(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _measure(
    examples: Sequence[RevisionExample], drafts: Drafts
) -> list[metrics.Measured]:
    return [
        metrics.measure(
            example.raw,
            draft.text,
            example.revised,
            problem=draft.problem,
            output=draft.raw_output,
        )
        for example in examples
        for draft in [drafts[example.source_id]]
    ]


def _report(
    examples: Sequence[RevisionExample], drafts: Drafts, coach: CoachRef
) -> dict[str, Any]:
    measured = _measure(examples, drafts)
    seconds = sum(drafts[example.source_id].seconds for example in examples)
    return {
        "figures": [asdict(figure) for figure in metrics.figures(measured)],
        "samples": [
            _sample(example, drafts[example.source_id], row)
            for example, row in zip(examples, measured, strict=True)
        ],
        "seconds": seconds,
        "drafts_per_minute": 60 * len(examples) / seconds if seconds else None,
        "model": coach.base_model,
        "adapter_sha256": coach.adapter_sha256,
    }


def _sample(
    example: RevisionExample, draft: DraftResult, row: metrics.Measured
) -> dict[str, Any]:
    return {
        "source_id": example.source_id,
        "raw": asdict(example.raw),
        "draft": asdict(draft.text),
        "expert": asdict(example.revised),
        "problem": draft.problem,
        "distance_raw": row.distance_raw,
        "distance_draft": row.distance_draft,
    }


def main() -> None:
    """Evaluate the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Measure a coach on held-out pairs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default=HF, help="dotted path of its class")
    parser.add_argument("--adapter", type=Path, help="instead of the run's own")
    parser.add_argument("--other-adapter", type=Path, help="a coach to compare with")
    parser.add_argument("--limit", type=int, help="only so many pairs")
    evaluate(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
