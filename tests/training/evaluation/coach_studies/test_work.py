"""Cells are trained and measured once, whatever kills or budgets come between."""

from __future__ import annotations

import json

import pytest

from tests.coach_studies import FAKE, RECIPE, examples
from tests.tiny_model import make_tiny_model
from training.causes import Failed
from training.evaluation.coach_studies import grid, kinds, work
from training.evaluation.coach_studies.kinds import Wanted
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.judge import Preference, Winner
from training.examples import read_jsonl

pytestmark = pytest.mark.process


class Accepts:
    """Prefers every draft, or only those of even pairs."""

    name, version = "accepts", "1"

    def __init__(self, *, every: bool = True) -> None:
        self.every = every

    def prefer(self, contests):
        return [
            Preference(as_given=said, swapped=said)
            for place, _ in enumerate(contests)
            for said in [Winner.FIRST if self.every or place % 2 else Winner.SECOND]
        ]


def laid(folder, kind, values=(), *, recipe=RECIPE, backend=FAKE, **more):
    asked = Wanted(
        train=kinds.drawn(more.pop("train", examples(30))),
        held_out=kinds.drawn(examples(6, 500)),
        values=values,
        seeds=more.pop("seeds", (1,)),
        base_model=more.pop("base_model", "none"),
        base_models=("none", "other"),
        config=more.pop("config", {}),
    )
    return grid.lay_down(
        folder,
        kinds.cells(kind, asked),
        kind=kind,
        recipe=recipe,
        backend=backend,
        judge="accepts",
    )


def told(folder):
    return [json.loads(line) for line in (folder / "progress.jsonl").open()]


def test_a_budget_that_is_over_begins_nothing_and_the_next_one_goes_on(tmp_path):
    laid(tmp_path, "size", ("10", "20"))

    none = work.carry_out(tmp_path, Accepts(), minutes=0)
    whole = work.carry_out(tmp_path, Accepts())
    again = work.carry_out(tmp_path, Accepts())

    assert none["missing"] == ["10·1", "20·1"]
    assert whole["missing"] == []
    assert [each["learned"] for each in whole["cells"]] == [10, 20]
    assert again == whole
    made = [line["name"] for line in told(tmp_path) if line["kind"] == "cell"]
    assert made == ["10·1", "20·1"]  # once each
    assert json.loads((tmp_path / "report.json").read_text()) == whole


def test_what_another_study_has_measured_is_taken_over(tmp_path):
    one = laid(tmp_path / "a", "size", ("10", "20"))
    work.carry_out(tmp_path / "a", Accepts())
    other = laid(tmp_path / "b", "size", ("20", "30"))
    for name, found in grid.results(tmp_path / "a", one).items():
        grid.keep(tmp_path / "b", one.cell(name).digest, found)

    work.carry_out(tmp_path / "b", Accepts())

    made = [line["name"] for line in told(tmp_path / "b") if line["kind"] == "cell"]
    assert made == ["30·1"]
    assert set(grid.results(tmp_path / "b", other)) == {"20·1", "30·1"}


def test_a_generation_learns_from_the_accepted_drafts_of_the_one_before(tmp_path):
    cells = laid(tmp_path, "generations", ("2",))

    found = work.carry_out(tmp_path, Accepts(every=False))

    assert [each["learned"] for each in found["cells"]] == [30, 15, 15]
    parent, child = (cells.cell(name) for name in ("0·1", "1·1"))
    lesson = list(read_jsonl(grid.folder_of(tmp_path, child) / "train.jsonl"))
    assert all(f"Revised by {parent.digest}" in e.revised.response for e in lesson)
    assert {each.raw for each in lesson} < {each.raw for each in examples(30)}


def test_a_parent_whose_adapter_is_gone_is_trained_again_but_not_measured(
    tmp_path,
):
    one = laid(tmp_path / "a", "generations", ("1",))
    work.carry_out(tmp_path / "a", Accepts(), minutes=None)
    laid(tmp_path / "b", "generations", ("1",))
    parent = one.cell("0·1")
    kept = grid.results(tmp_path / "a", one)["0·1"]
    grid.keep(tmp_path / "b", parent.digest, kept)

    found = work.carry_out(tmp_path / "b", Accepts())

    place = grid.folder_of(tmp_path / "b", parent)
    assert (place / "adapter").exists()
    assert not (place / "evaluation.json").exists()
    assert found["missing"] == []


def test_too_few_accepted_drafts_end_it_with_a_reason(tmp_path):
    laid(tmp_path, "generations", ("1",), train=examples(12))

    with pytest.raises(Failed, match=r"Of the drafts of 0·1 only 6 were accepted"):
        work.carry_out(tmp_path, Accepts(every=False))


def test_pace_and_memory_are_measured_of_a_backbone(tmp_path):
    laid(tmp_path, "backbone")

    found = work.carry_out(tmp_path, Accepts())

    for cell in found["cells"]:
        assert cell["pace"]["drafts"] == 6
        assert cell["pace"]["tokens"] > 0
        assert cell["pace"]["memory"] > 0


def test_a_recipe_that_fails_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("DIES", "told")
    laid(tmp_path, "size", ("10", "20"), recipe="tests.dying_recipe")

    with pytest.raises(Failed, match=r"tests.dying_recipe ended with code 1: The loss"):
        work.carry_out(tmp_path, Accepts())


@pytest.mark.model
def test_real_coaches_are_trained_and_measured(tmp_path, tmp_path_factory):
    tiny = make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")
    config = {"rank": 2, "batch_size": 4, "micro_batch_tokens": 512, "epochs": 1}
    laid(
        tmp_path,
        "size",
        ("10", "20"),
        recipe="training.recipes.coach_lora",
        backend="revision_engine.backends.local.LocalBackend",
        base_model=str(tiny),
        config=config,
    )

    found = work.carry_out(tmp_path, EmbeddedJudge.shipped())

    figures = {each["name"]: each["points"] for each in found["figures"]}
    assert [row["point"] for row in figures["held-out loss"]] == ["10", "20"]
    for row in figures["held-out loss"]:
        assert 0 < row["low"] <= row["value"] <= row["high"]
    assert len({each["adapter_sha256"] for each in found["cells"]}) == 2
