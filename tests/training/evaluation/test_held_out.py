"""An evaluation drafts every held-out pair once, also over a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import pytest

from revision_engine.backends.fake import FakeBackend
from revision_engine.types import Completion, PairText
from training.config import LoraConfig
from training.evaluation import held_out, metrics
from training.evaluation.figures import Figure
from training.evaluation.gate import Outcome, decide
from training.evaluation.rule import Rule
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


@pytest.fixture
def active(tmp_path: Path) -> Path:
    """The adapter of the coach that is active now."""
    folder = tmp_path / "store" / "active"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"active")
    Manifest.of(
        name="the active one",
        config=LoraConfig().as_dict(),
        adapter_sha256=digest_file(folder / WEIGHTS),
        snapshot_sha256="",
        fingerprints=[],
        figures=[],
    ).write(folder)
    return folder


def test_the_active_coach_is_measured_beside_it(run, active):
    report = held_out.evaluate(run, backend=FAKE, current=active, limit=4)

    sides = {figure["side"] for figure in report["figures"]}
    assert sides == {"raw", "coach", "", "current", "difference"}
    beside = report["samples"][3]["current"]
    assert beside["draft"]["response"] == "Nile 3. Revised by the active one."
    assert beside["distance"] != report["samples"][3]["distance_draft"]
    assert report["current_adapter_sha256"] == digest_file(active / WEIGHTS)
    assert progress(run)[-1] == 8


def test_a_pair_that_the_active_coach_was_trained_on_is_left_out(run, active):
    papers = json.loads((active / "manifest.json").read_text())
    papers["trained_on"] = [example(2).fingerprint[:16]]
    (active / "manifest.json").write_text(json.dumps(papers))

    report = held_out.evaluate(run, backend=FAKE, current=active, limit=4)

    assert [s["source_id"] for s in report["samples"]] == ["row:0", "row:1", "row:3"]
    assert report["left_out"] == 1
    assert progress(run)[-1] == 6


def test_a_pair_that_it_went_on_from_was_trained_on_is_left_out(run, active):
    papers = json.loads((active / "manifest.json").read_text())
    papers["trained_on"] = [example(0).fingerprint[:16]]
    (active / "manifest.json").write_text(json.dumps(papers))
    active.rename(run / "start")

    report = held_out.evaluate(run, backend=FAKE, limit=3)

    assert [s["source_id"] for s in report["samples"]] == ["row:1", "row:2"]
    assert report["left_out"] == 1


def test_without_an_active_coach_nothing_stands_beside(run):
    report = held_out.evaluate(run, backend=FAKE, limit=4)

    assert "current" not in report["samples"][0]
    assert report["current_adapter_sha256"] == ""


def test_both_coaches_drafts_survive_a_kill(run, active):
    held_out.evaluate(run, backend=FAKE, current=active)

    again = held_out.evaluate(run, backend=DYING, current=active)

    assert len(again["samples"]) == 40
    assert progress(run)[-1] == 80


def test_the_figures_can_be_counted_again_from_the_report(run, active):
    held_out.evaluate(run, backend=FAKE, current=active)
    report = json.loads((run / "evaluation.json").read_text())

    again = [asdict(figure) for figure in metrics.recount(report["samples"])]

    assert again == report["figures"]


def test_a_report_is_what_the_gate_reads(run, active):
    report = held_out.evaluate(run, backend=FAKE, current=active)

    decision = decide(Rule(), [Figure.from_dict(row) for row in report["figures"]])

    # the fake coaches differ in the length of their names
    assert decision.outcome in list(Outcome)
    assert not [r for r in decision.reasons if r.code == "missing_figure"]


def test_each_category_has_its_figures(run):
    kinds = ["writing", "maths"] * 20
    rows = [replace(example(n), category=kind) for n, kind in enumerate(kinds)]
    write_jsonl(run / "held_out.jsonl", rows)

    report = held_out.evaluate(run, backend=FAKE)

    found = {(f["category"], f["n"]) for f in report["figures"]}
    assert found == {("", 40), ("writing", 20), ("maths", 20)}


def test_a_backend_without_a_local_model_has_no_loss(run):
    report = held_out.evaluate(run, backend=FAKE, limit=4)

    assert report["samples"][0]["loss"] is None
    assert "held-out loss" not in {figure["name"] for figure in report["figures"]}


def test_a_folder_without_held_out_pairs_makes_an_empty_report(run):
    write_jsonl(run / "held_out.jsonl", [])

    report = held_out.evaluate(run, backend=FAKE)

    assert (report["samples"], report["figures"]) == ([], [])
    assert report["drafts_per_minute"] is None
