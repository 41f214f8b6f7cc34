"""The log of a run holds whole lines only."""

from __future__ import annotations

import json

import pytest

from training.causes import Cause, Failed
from training.progress import Progress, telling


def test_each_event_is_a_line_of_its_own(tmp_path):
    progress = Progress(tmp_path)

    progress.say("start", step=0)
    progress.say("step", step=1, loss=2.5)

    lines = [json.loads(line) for line in progress.path.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["start", "step"]
    assert lines[1]["loss"] == 2.5


def test_half_a_line_that_a_crash_left_is_dropped(tmp_path):
    Progress(tmp_path).say("step", step=1)
    path = tmp_path / "progress.jsonl"
    path.write_text(path.read_text() + '{"kind": "st')

    Progress(tmp_path).say("step", step=2)

    steps = [json.loads(line)["step"] for line in path.read_text().splitlines()]
    assert steps == [1, 2]


def events(folder) -> list[dict]:
    lines = (folder / "progress.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_what_a_recipe_knows_of_its_failure_is_told_for_machines(tmp_path):
    with pytest.raises(SystemExit) as fault, telling(tmp_path):
        raise Failed(Cause.TOO_LONG, "None of the 3 examples fits.")

    [line] = events(tmp_path)
    assert (line["kind"], line["cause"]) == ("failed", "too_long")
    assert line["sentence"] == fault.value.code == "None of the 3 examples fits."


@pytest.mark.parametrize(
    ("fault", "cause"),
    [(OSError(28, "No space left on device"), "disk"), (KeyError("banana"), "")],
)
def test_a_fault_that_nobody_foresaw_is_told_with_a_guess_at_most(
    tmp_path, fault, cause
):
    with pytest.raises(type(fault)), telling(tmp_path):
        raise fault

    [line] = events(tmp_path)
    assert line["sentence"] == f"{type(fault).__name__}: {fault}"
    assert line["cause"] == cause


def test_a_cancel_is_no_failure(tmp_path):
    with pytest.raises(SystemExit), telling(tmp_path):
        raise SystemExit(143)

    assert not (tmp_path / "progress.jsonl").exists()


def test_a_folder_that_cannot_be_written_hides_no_fault(tmp_path):
    with pytest.raises(KeyError), telling(tmp_path / "nowhere"):
        raise KeyError("banana")
