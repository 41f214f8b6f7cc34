"""A study as a process of its own: by the folder, on a leash, told in its progress."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.tiny_model import make_tiny_model
from tests.training.evaluation.tuned.test_study import ITEMS, example
from training.evaluation.tuned import study
from training.examples import write_jsonl

pytestmark = [pytest.mark.model, pytest.mark.process]
ECHO = "tests.training.evaluation.tuned.test_study.Echo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "datasets").mkdir(parents=True)
    for name in ("raw", "revised"):
        rows = [example(n, f"{name} {n}") for n in range(6)]
        write_jsonl(folder / "datasets" / f"{name}.jsonl", rows)
    study.write_items(folder / "testset.jsonl", ITEMS)
    tiny = make_tiny_model(tmp_path / "model")
    config = {"base_model": str(tiny), "rank": 2, "micro_batch_tokens": 256}
    asked = {"arms": ["raw", "revised"], "seeds": [1], "seen": 4, "config": config}
    (folder / "study.json").write_text(json.dumps(asked))
    return folder


def work(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "training.evaluation.tuned.work", str(folder)]
    command += ["--judge", settings.JUDGE_MODEL_FILE, "--backend", ECHO, "--leashed"]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def said(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "progress.jsonl").open()]


def test_a_study_that_is_laid_out_is_carried_out_and_told(folder):
    process = work(folder)
    code = process.wait(timeout=120)  # its input is open all the while

    assert (code, process.stderr.read()) == (0, b"")
    report = json.loads((folder / "report.json").read_text())
    assert [row["arm"] for row in report["arms"]] == ["raw", "revised", "base"]
    told = [(line["kind"], line.get("arm")) for line in said(folder)]
    assert told == [
        *(("run", "base"), ("answering", "base")),
        *(("run", "raw"), ("answering", "raw")),
        *(("run", "revised"), ("answering", "revised")),
        ("done", None),
    ]
    process.stdin.close()


def test_why_it_failed_stands_in_its_progress(folder):
    (folder / "datasets" / "raw.jsonl").write_text("")

    process = work(folder)
    code = process.wait(timeout=120)

    assert code == 1
    assert said(folder)[-1]["kind"] == "failed"
    assert "dataset.jsonl has no example" in said(folder)[-1]["sentence"]
    process.stdin.close()
    process.stderr.close()


def test_it_ends_with_its_input(folder):
    process = work(folder)
    process.stdin.close()

    assert process.wait(timeout=60) == -9
    process.stderr.close()
