"""Tune one base model on several datasets, and compare what the models answer.

The study's folder holds `study.json` (a Study), `testset.jsonl` (TestItems) and, for
each arm, `datasets/ARM.jsonl` (RevisionExamples, of which the revised side is learned).
For each arm and seed the recipe instruct_lora tunes in `runs/ARM-SEED/`; all arms see
equally many examples. Each model answers the test set, the untuned base too (arm
`base`), and a judge compares the answers, of the same seed, with those of the first
arm, and with the references. `report.json` is written anew after each run; the same
command goes on where a kill, or the end of its minutes, left it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from revision_engine import prompts
from revision_engine.backends.base import Backend
from revision_engine.types import CoachRef
from training.causes import last_words
from training.config import LoraConfig
from training.evaluation import done_lines
from training.evaluation.coaches import coach_of
from training.evaluation.judges.judge import Judge
from training.evaluation.tuned import reporting
from training.evaluation.tuned.answering import NAME as ANSWERS
from training.evaluation.tuned.answering import answers
from training.evaluation.tuned.testsets import TestItem
from training.json_settings import checked
from training.progress import Progress

RECIPE = "training.recipes.instruct_lora"
LORA, FULL = "lora", "full"
"""Ways to tune a model."""
FULL_RATE = 5e-5
"""Learning rate where all weights learn: an adapter's would undo what they know."""
BASE = "base"
"""The arm of the model as it is, before any tuning."""
Load = Callable[[CoachRef, Path], Backend]


class RunFailed(RuntimeError):
    """A run of the recipe ended with a fault; the message is its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Which datasets are compared, and how the models are tuned on them."""

    arms: list[str]
    """Names of files in `datasets/`; the others are compared with the first."""
    seeds: list[int]
    seen: int
    """Examples that each run learns from, whatever the size of its dataset."""
    config: dict[str, Any]
    """Of LoraConfig, what differs from its defaults."""
    tuning: str = LORA
    """Whether an adapter learns (lora), or all weights of the model (full)."""

    def __post_init__(self) -> None:
        if len(self.arms) < 2 or len(set(self.arms)) < len(self.arms):
            raise ValueError(f"arms must be two or more names, got {self.arms}")
        if BASE in self.arms:
            raise ValueError(f"an arm cannot be called {BASE!r}: it is the base model")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds must be different numbers, got {self.seeds}")
        if self.seen < 1:
            raise ValueError(f"seen must be at least 1, got {self.seen}")
        if self.tuning not in (LORA, FULL):
            raise ValueError(f"tuning must be {LORA} or {FULL}, got {self.tuning!r}")
        self.lora(self.seeds[0])

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Of the study's folder; ValueError names a setting that cannot be used."""
        values = json.loads((folder / "study.json").read_text(encoding="utf-8"))
        return cls(**checked(cls, values, "study setting"))

    def lora(self, seed: int) -> LoraConfig:
        """One run's configuration."""
        fixed = {"prompt": prompts.ANSWER, "wording": "", "epochs": 1, "seed": seed}
        usual = {"learning_rate": FULL_RATE} if self.tuning == FULL else {}
        return LoraConfig.from_dict({**usual, **self.config, **fixed})

    @property
    def runs(self) -> list[tuple[str, int]]:
        """Arm and seed, seed by seed: whatever is finished can be compared."""
        return [(arm, seed) for seed in self.seeds for arm in self.arms]


def carry_out(
    folder: Path, judge: Judge, load: Load, minutes: float | None = None
) -> dict[str, Any]:
    """Do what is left to do, and give the report, by one judge; `judged` asks others.

    No run is begun when the `minutes` are over. RunFailed says what stopped one.
    """
    study, began = Study.read(folder), time.monotonic()
    items, progress = read_items(folder / "testset.jsonl"), Progress(folder)
    done: dict[tuple[str, int], dict[str, str]] = {}
    report = reporting.report(study.arms, items, done, judge)
    todo: list[tuple[str, int]] = [(BASE, study.seeds[0]), *study.runs]
    for place, (arm, seed) in enumerate(todo):
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            break
        progress.say("run", arm=arm, seed=seed, done=place, total=len(todo))
        run = folder / "runs" / f"{arm}-{seed}"
        model, store = _tuned(study, folder, run, arm, seed)
        progress.say("answering", arm=arm, seed=seed, done=place, total=len(todo))
        done[arm, seed] = answers(run, model, items, partial(load, model, store))
        report = reporting.report(study.arms, items, done, judge)
        _write(folder / "report.json", report | {"study": asdict(study)})
    progress.say("done", done=len(done), total=len(todo))
    return report


def judged(folder: Path, *judges: Judge) -> dict[str, Any]:
    """The report of a study, by these judges: written anew from the answers that the
    models of the last one gave."""
    study, items = Study.read(folder), read_items(folder / "testset.jsonl")
    known = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    done = {
        (run["arm"], run["seed"]): kept_answers(folder, run["arm"], run["seed"])
        for run in known["runs"]
    }
    report = reporting.report(study.arms, items, done, *judges)
    _write(folder / "report.json", report | {"study": asdict(study)})
    return report


def kept_answers(folder: Path, arm: str, seed: int) -> dict[str, str]:
    """Of a model that has answered: the response to each item, by its key."""
    path = folder / "runs" / f"{arm}-{seed}" / ANSWERS
    return {row["key"]: str(row["response"]) for row in done_lines.rows(path)}


def _tuned(
    study: Study, folder: Path, run: Path, arm: str, seed: int
) -> tuple[CoachRef, Path]:
    """The model of an arm and seed, tuned if it is not yet, and where it lies."""
    run.mkdir(parents=True, exist_ok=True)
    config = study.lora(seed)
    (run / "config.json").write_text(json.dumps(config.as_dict(), indent=1))
    if arm == BASE:
        model = CoachRef(
            name=BASE,
            base_model=config.base_model,
            base_revision=config.base_revision,
            prompt=config.prompt,
            wording=config.wording,
        )
        return model, run
    made = run / ("model" if study.tuning == FULL else "adapter")
    if not made.exists():
        dataset = folder / "datasets" / f"{arm}.jsonl"
        (run / "dataset.jsonl").write_bytes(dataset.read_bytes())
        _follow(run, study)
    if study.tuning == FULL:
        return _whole(config, made, f"{arm}-{seed}"), run
    found, store = coach_of(run / "adapter", run)
    return replace(found, name=f"{arm}-{seed}"), store


def _whole(config: LoraConfig, model: Path, name: str) -> CoachRef:
    """A model all of whose weights were tuned: a base of its own."""
    return CoachRef(
        name=name,
        base_model=str(model.absolute()),
        prompt=config.prompt,
        wording=config.wording,
    )


def _follow(run: Path, study: Study) -> None:
    command = [sys.executable, "-m", RECIPE, str(run), "--seen", str(study.seen)]
    command += ["--full"] if study.tuning == FULL else []
    with (run / "recipe.log").open("ab") as log:
        code = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    if code:
        words = last_words((run / "recipe.log").read_text(errors="replace"))
        raise RunFailed(f"{run.name} ended with code {code}: {words}")


def write_items(path: Path, items: Sequence[TestItem]) -> None:
    """A test set, one item a line."""
    lines = (json.dumps(asdict(item), ensure_ascii=False) for item in items)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_items(path: Path) -> list[TestItem]:
    """What `write_items` wrote."""
    return list(_read_items(path))


def _read_items(path: Path) -> Iterator[TestItem]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield TestItem(**json.loads(line))


def _write(path: Path, report: dict[str, Any]) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
    part.rename(path)
