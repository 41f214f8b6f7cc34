"""Make the cells of a study that is laid down, as a process of its own.

    python -m training.evaluation.coach_studies.work FOLDER --judge MODEL.json
        [--minutes N] [--leashed]

Each cell is trained by the grid's recipe and measured by training.evaluation.held_out,
each a process, in `cells/DIGEST/`; its figures are kept in `result.json`. A cell that
has one is not made again, one under way goes on from its checkpoint and its drafts. No
cell is begun when the minutes are over. `progress.jsonl` tells what it is at.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from revision_engine.types import DraftRequest, PairText
from training.causes import Cause, Failed, last_words
from training.evaluation import backbone
from training.evaluation.coach_studies import reporting
from training.evaluation.coach_studies.grid import (
    RESULT,
    Cell,
    Grid,
    folder_of,
    results,
    write_whole,
)
from training.evaluation.coach_studies.kinds import LEAST_TRAIN
from training.evaluation.coaches import coach_of
from training.evaluation.done_lines import rows as lines_of
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.judge import Contest, Judge, Winner
from training.evaluation.judges.preference_model import PreferenceModel
from training.evaluation.measuring import as_text, repetition
from training.evaluation.tuned.work import leash
from training.examples import RevisionExample, edit_distance, read_jsonl, write_jsonl
from training.manifest import code_revision
from training.progress import Progress, telling

EVALUATION = "training.evaluation.held_out"
PACE = "training.evaluation.backbone"
PROBE = 16
"""Drafts by which the pace is measured."""
REPORT = "report.json"


def carry_out(
    folder: Path, judge: Judge, minutes: float | None = None
) -> dict[str, Any]:
    """Make what is missing, and give the report of all that is there."""
    grid, began, progress = Grid.read(folder), time.monotonic(), Progress(folder)
    done, total = results(folder, grid), len(grid.cells)
    for cell in grid.cells:
        if cell.name in done:
            continue
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            break
        made = _make(folder, grid, cell, judge, progress, (len(done), total))
        done[cell.name] = made
        progress.say("cell", name=cell.name, done=len(done), total=total)
    found = reporting.report(grid, done)
    write_whole(folder / REPORT, found)
    return found


def _make(
    folder: Path,
    grid: Grid,
    cell: Cell,
    judge: Judge,
    progress: Progress,
    so_far: tuple[int, int],
) -> dict[str, Any]:
    """Train and measure one cell."""

    def say(stage: str, of: Cell) -> None:
        done, total = so_far
        told = {"point": of.point, "seed": of.seed, "done": done, "total": total}
        progress.say("at", stage=stage, **told)

    began, place = time.monotonic(), folder_of(folder, cell)
    learned = _train(folder, grid, cell, judge, say)
    held_out = folder / "data" / f"{cell.held_out}.jsonl"
    (place / "held_out.jsonl").write_bytes(held_out.read_bytes())
    say("measuring", cell)
    _run(place, [EVALUATION, str(place), "--backend", grid.backend])
    report = json.loads((place / "evaluation.json").read_text())
    result = {
        "learned": learned,
        "rows": [row(sample) for sample in report["samples"]],
        "pace": _pace(place, grid, say, cell) if cell.is_timed else None,
        "seconds": round(time.monotonic() - began, 1),
        "adapter_sha256": report["adapter_sha256"],
        "code_revision": code_revision(),
    }
    write_whole(place / RESULT, result)
    return result


def row(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Of one pair of an evaluation, all that figures are counted from."""
    draft, expert = (PairText(**sample[name]) for name in ("draft", "expert"))
    return {
        "key": sample["source_id"],
        "slice": sample["category"],
        "raw": sample["distance_raw"],
        "draft": sample["distance_draft"],
        "loss": sample["loss"],
        "tokens": sample["tokens"],
        "usable": not sample["problem"],
        "chars": len(as_text(draft)),
        "expert": len(as_text(expert)),
        "repetition": repetition(draft.response),
    }


def _train(folder: Path, grid: Grid, cell: Cell, judge: Judge, say: Any) -> int:
    """Have the cell's adapter there; how many pairs it learned from. Its parent is
    trained anew if its adapter is not kept here."""
    place = folder_of(folder, cell)
    if not (place / "adapter").exists():
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "train.jsonl").exists():
            write_jsonl(place / "train.jsonl", _lesson(folder, grid, cell, judge, say))
        (place / "config.json").write_text(json.dumps(cell.lora.as_dict(), indent=1))
        # The figures are taken of the last adapter, as it is, not of the best one.
        write_jsonl(place / "held_out.jsonl", ())
        say("training", cell)
        _run(place, [grid.recipe, str(place)])
    return sum(1 for _ in read_jsonl(place / "train.jsonl"))


def _lesson(
    folder: Path, grid: Grid, cell: Cell, judge: Judge, say: Any
) -> list[RevisionExample]:
    """What the cell learns from: people's texts, or its parent's accepted drafts."""
    examples = list(read_jsonl(folder / "data" / f"{cell.train}.jsonl"))
    if not cell.after:
        return examples
    parent = grid.cell(cell.after)
    _train(folder, grid, parent, judge, say)
    say("drafting", cell)
    drafts = _drafted(folder_of(folder, parent), grid, cell, examples)
    accepted = list(_accepted(examples, drafts, judge))
    if len(accepted) < LEAST_TRAIN:
        raise Failed(
            Cause.SETTING,
            f"Of the drafts of {parent.name} only {len(accepted)} were accepted: a "
            f"later generation learns from at least {LEAST_TRAIN}.",
        )
    return accepted


def _drafted(
    parent: Path, grid: Grid, cell: Cell, examples: Sequence[RevisionExample]
) -> dict[str, PairText]:
    """What the parent makes of each raw pair; one with a problem is not there."""
    place = parent / f"drafts-{cell.train}"
    done = dict(_told(place))
    todo = [
        DraftRequest(key=each.source_id, text=each.raw)
        for each in examples
        if each.source_id not in done
    ]
    if todo:
        coach, store = coach_of(parent / "adapter", parent)
        backbone.lay_down(place, coach, store, [], todo)
        _run(place, [PACE, str(place), "--backend", grid.backend])
        done = dict(_told(place))
    return {
        key: PairText(**line["text"])
        for key, line in done.items()
        if not line["problem"]
    }


def _told(place: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in lines_of(place / "progress.jsonl"):
        if line["kind"] == "draft":
            yield line["key"], line


def _accepted(
    examples: Sequence[RevisionExample], drafts: Mapping[str, PairText], judge: Judge
) -> Iterator[RevisionExample]:
    """The drafts that the judge prefers to the raw pair, as examples."""
    there = [each for each in examples if each.source_id in drafts]
    contests = [
        Contest(first=drafts[each.source_id], second=each.raw) for each in there
    ]
    for each, said in zip(there, judge.prefer(contests), strict=True):
        if said.winner is Winner.FIRST:
            draft = drafts[each.source_id]
            distance = edit_distance(each.raw, draft)
            yield replace(each, revised=draft, distance=distance)


def _pace(place: Path, grid: Grid, say: Any, cell: Cell) -> dict[str, Any] | None:
    """Tokens, seconds and memory of some drafts; None where they are not told."""
    say("timing", cell)
    pace = place / "pace"
    coach, store = coach_of(place / "adapter", place)
    examples = list(read_jsonl(place / "held_out.jsonl"))[:PROBE]
    probe = [DraftRequest(key=each.source_id, text=each.raw) for each in examples]
    backbone.lay_down(pace, coach, store, probe, [])
    _run(pace, [PACE, str(pace), "--backend", grid.backend])
    names = ("drafts", "tokens", "seconds", "memory", "device")
    for line in lines_of(pace / "progress.jsonl"):
        if line["kind"] == "speed":
            return {name: line[name] for name in names}
    return None


def _run(place: Path, module: Sequence[str]) -> None:
    """`python -m module`, to its end; Failed with its last words if it fails."""
    log = place / "recipe.log"
    with log.open("ab") as file:
        code = subprocess.call(
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    if code:
        said = list(lines_of(place / "progress.jsonl"))
        last = said[-1] if said and said[-1]["kind"] == "failed" else None
        words = (
            last["sentence"] if last else last_words(log.read_text(errors="replace"))
        )
        cause = Cause(last["cause"]) if last and last["cause"] else Cause.SETTING
        raise Failed(cause, f"{module[0]} ended with code {code}: {words}")


def main() -> None:
    """Carry out the study of the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Make the cells of a study.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", type=Path, required=True, help="preference model")
    parser.add_argument("--minutes", type=float, help="begin no cell after so many")
    parser.add_argument("--leashed", action="store_true", help="end with the input")
    asked = parser.parse_args()
    if asked.leashed:
        leash()
    with telling(asked.folder):
        judge = EmbeddedJudge(PreferenceModel.read(asked.judge))
        carry_out(asked.folder, judge, asked.minutes)


if __name__ == "__main__":
    main()
