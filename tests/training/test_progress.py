"""The log of a run holds whole lines only."""

from __future__ import annotations

import json

from training.progress import Progress


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
