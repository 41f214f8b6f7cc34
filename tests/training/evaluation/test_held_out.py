"""An evaluation drafts every held-out pair once, also over a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from revision_engine.backends.fake import FakeBackend
from revision_engine.types import Completion, PairText
from training.config import LoraConfig
from training.evaluation import held_out
from training.examples import RevisionExample, write_jsonl
from training.manifest import WEIGHTS, Manifest, digest_file

FAKE = "revision_engine.backends.fake.FakeBackend"
DYING = f"{__name__}.DyingBackend"


class DyingBackend(FakeBackend):
    """Stops its process after sixteen answers, as a kill would."""

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        yield from islice(super().complete(prompts), 16)
        raise SystemExit("killed")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run-1"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / WEIGHTS).write_bytes(b"weights")
    (folder / "config.json").write_text(json.dumps(LoraConfig().as_dict()))
    write_jsonl(folder / "held_out.jsonl", map(example, range(40)))
    return folder


def example(number: int) -> RevisionExample:
    raw = PairText(instruction="Name a river.", response=f"Nile {number}.")
    revised = PairText(instruction="Name a river.", response=f"The Nile {number}!")
    return RevisionExample(
        source_id=f"row:{number}", raw=raw, revised=revised, distance=5
    )


def progress(run: Path) -> list[int]:
    lines = (run / "progress.jsonl").read_text().splitlines()
    assert all(json.loads(line)["kind"] == "evaluating" for line in lines)
    return [json.loads(line)["done"] for line in lines]


def test_every_pair_is_drafted_and_reported(run):
    report = held_out.evaluate(run, backend=FAKE)

    assert json.loads((run / "evaluation.json").read_text()) == report
    assert [s["source_id"] for s in report["samples"]] == [
        f"row:{n}" for n in range(40)
    ]
    assert report["samples"][3]["draft"]["response"] == "Nile 3. Revised by run-1."
    assert report["samples"][3]["distance_raw"] == 5
    assert report["adapter_sha256"] == digest_file(run / "adapter" / WEIGHTS)
    assert report["drafts_per_minute"] > 0
    assert progress(run)[-1] == 40


def test_drafts_made_before_a_kill_are_used_again(run):
    DyingBackend.batches = 0
    with pytest.raises(SystemExit):
        held_out.evaluate(run, backend=DYING)

    report = held_out.evaluate(run, backend=FAKE)

    assert len(report["samples"]) == 40
    kept = (run / "evaluation.part.jsonl").read_text().splitlines()
    assert len(kept) == 40  # none was drafted twice


def test_a_line_that_a_kill_left_half_written_is_drafted_again(run):
    held_out.evaluate(run, backend=FAKE)
    part = run / "evaluation.part.jsonl"
    part.write_text(part.read_text()[:-30])

    report = held_out.evaluate(run, backend=FAKE)

    assert len(report["samples"]) == 40


def test_drafts_of_other_weights_are_not_used(run):
    held_out.evaluate(run, backend=FAKE)
    (run / "adapter" / WEIGHTS).write_bytes(b"other weights")

    held_out.evaluate(run, backend=FAKE)

    kept = (run / "evaluation.part.jsonl").read_text().splitlines()
    assert len(kept) == 80


def test_a_limit_keeps_the_first_pairs(run):
    report = held_out.evaluate(run, backend=FAKE, limit=3)

    assert [s["source_id"] for s in report["samples"]] == ["row:0", "row:1", "row:2"]


def test_an_adapter_with_papers_is_run_by_them(run, tmp_path):
    adapter = tmp_path / "store" / "key"
    adapter.mkdir(parents=True)
    (adapter / WEIGHTS).write_bytes(b"shipped")
    Manifest.of(
        name="shipped",
        config=LoraConfig(wording="Mend it.").as_dict(),
        adapter_sha256=digest_file(adapter / WEIGHTS),
        snapshot_sha256="",
        fingerprints=[],
        figures=[],
    ).write(adapter)

    coach, store = held_out.coach_of(adapter, run)

    assert (coach.name, coach.wording, coach.adapter) == ("shipped", "Mend it.", "key")
    assert store == tmp_path / "store"


def test_another_coach_is_measured_beside_it(run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / WEIGHTS).write_bytes(b"active")

    report = held_out.evaluate(run, backend=FAKE, other_adapter=other, limit=4)

    sides = {figure["side"] for figure in report["figures"]}
    assert sides == {"raw", "coach", "", "other"}
    keys = [(f["name"], f["side"]) for f in report["figures"]]
    assert len(keys) == len(set(keys))
    assert progress(run)[-1] == 8


def test_a_folder_without_held_out_pairs_makes_an_empty_report(run):
    write_jsonl(run / "held_out.jsonl", [])

    report = held_out.evaluate(run, backend=FAKE)

    assert (report["samples"], report["figures"]) == ([], [])
    assert report["drafts_per_minute"] is None
