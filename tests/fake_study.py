"""A stand-in for training.evaluation.tuned.work: models that answer at once.

The first arm answers in few words, the others in more. `STUDY_DIES` in the environment
ends it after so many models, once; `STUDY_WAITS` makes it wait there until it is ended.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from dataclasses import asdict
from pathlib import Path

from revision_engine.types import CoachRef
from training.evaluation.done_lines import keep
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.preference_model import PreferenceModel
from training.evaluation.tuned import answering, reporting, work
from training.evaluation.tuned.study import Study, read_items
from training.progress import Progress, telling


def answer(folder: Path, arm: str, seed: int, words: int) -> dict[str, str]:
    run = folder / "runs" / f"{arm}-{seed}"
    if (run / answering.NAME).exists():
        return answering.answers(run, model(arm, seed), items(folder), load=None)
    run.mkdir(parents=True)
    said = {
        item.key: f"<b>{arm}</b> says {number}: {'word ' * words}."
        for number, item in enumerate(items(folder))
    }
    for key, response in said.items():
        keep(run / answering.NAME, model(arm, seed), key=key, response=response)
    with (folder / "tuned.txt").open("a") as log:
        log.write(f"{arm}-{seed}\n")
    return said


def model(arm: str, seed: int) -> CoachRef:
    return CoachRef(
        name=f"{arm}-{seed}", base_model="none", prompt="answer-1", wording=""
    )


def items(folder: Path):
    return read_items(folder / "testset.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--backend")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--leashed", action="store_true")
    asked = parser.parse_args()
    if asked.leashed:
        work.leash()
    with telling(asked.folder):
        carry_out(asked.folder, EmbeddedJudge(PreferenceModel.read(asked.judge)))


def carry_out(folder: Path, judge: EmbeddedJudge) -> None:
    study, progress, done = Study.read(folder), Progress(folder), {}
    dies = int(os.environ.get("STUDY_DIES", "99"))
    waits = int(os.environ.get("STUDY_WAITS", "99"))
    todo = [("base", study.seeds[0]), *study.runs]
    for place, (arm, seed) in enumerate(todo):
        progress.say("run", arm=arm, seed=seed, done=place, total=len(todo))
        if place == waits and not (folder / "waited").exists():
            (folder / "waited").write_text(str(os.getpid()))
            time.sleep(60)
        if place == dies and not (folder / "died").exists():
            (folder / "died").touch()
            if os.environ.get("STUDY_SAYS"):
                raise RuntimeError(os.environ["STUDY_SAYS"])
            os.kill(os.getpid(), signal.SIGKILL)
        done[arm, seed] = answer(folder, arm, seed, 3 if arm == study.arms[0] else 12)
    report = reporting.report(study.arms, items(folder), done, judge)
    told = json.dumps(report | {"study": asdict(study)}, ensure_ascii=False)
    (folder / "report.json").write_text(told, encoding="utf-8")
    progress.say("done", done=len(done), total=len(todo))


if __name__ == "__main__":
    main()
