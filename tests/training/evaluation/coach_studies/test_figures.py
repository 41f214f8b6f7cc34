"""Figures of a study are counted from its cells, with intervals over pairs and seeds;
examples are counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.coach_studies import examples, result
from training.evaluation.coach_studies import fitted, grid, kinds, reporting
from training.evaluation.coach_studies.kinds import Wanted


def laid(folder, kind, values, seeds=(1, 2), **more):
    asked = Wanted(
        train=kinds.drawn(more.pop("train", examples(80))),
        held_out=kinds.drawn(more.pop("held_out", examples(8, 500))),
        values=values,
        seeds=seeds,
        base_model="tiny",
        config={},
    )
    return grid.lay_down(
        folder,
        kinds.cells(kind, asked),
        kind=kind,
        recipe="r",
        backend=more.pop("backend", "b"),
        judge="j",
    )


def saved(found):
    [figure] = [each for each in found["figures"] if each["name"] == "effort saved"]
    return {row["point"]: row for row in figure["points"]}


def test_a_point_is_counted_over_its_pairs_and_seeds(tmp_path):
    cells = laid(tmp_path, "alpha", ("0.5", "1"))
    results = {
        "0.5·1": result([0.1, 0.3]),
        "0.5·2": result([0.3, 0.5]),
        "1·1": result([0.5, 0.7]),
        "1·2": result([0.7, 0.9]),
    }

    found = reporting.report(cells, results)

    rows = saved(found)
    assert rows["0.5"]["value"] == pytest.approx(0.3)
    assert rows["0.5"]["by_seed"] == {"1": pytest.approx(0.2), "2": pytest.approx(0.4)}
    assert (rows["1"]["seeds"], rows["1"]["pairs"]) == (2, 2)
    # Every pair and seed gains 0.4: whatever is drawn, the difference is the same.
    difference = rows["1"]["difference"]
    assert [round(difference[name], 6) for name in ("value", "low", "high")] == [
        0.4
    ] * 3
    assert rows["1"]["low"] == pytest.approx(0.5)  # one seed, one pair, drawn twice
    assert rows["0.5"]["difference"] is None
    assert found["missing"] == []


def test_cells_that_are_missing_are_named_and_the_others_counted(tmp_path):
    cells = laid(tmp_path, "alpha", ("0.5", "1"))

    found = reporting.report(cells, {"0.5·1": result([0.1, 0.3])})

    assert found["missing"] == ["1·1", "0.5·2", "1·2"]
    assert list(saved(found)) == ["0.5"]
    assert [each["learned"] for each in found["cells"]] == [20, None, None, None]


def test_losses_of_other_tokens_are_not_compared(tmp_path):
    cells = laid(tmp_path, "alpha", ("0.5", "1"), seeds=(1,))
    other = result([0.1])
    other["rows"][0]["tokens"] = 11

    same = reporting.report(cells, {"0.5·1": result([0.1]), "1·1": result([0.2])})
    apart = reporting.report(cells, {"0.5·1": result([0.1]), "1·1": other})

    assert "held-out loss" in {each["name"] for each in same["figures"]}
    assert "held-out loss" not in {each["name"] for each in apart["figures"]}


def test_each_slice_has_its_own_figure(tmp_path):
    train = examples(20, category="m") + examples(20, 100, category="p")
    held_out = examples(5, 300, category="m") + examples(5, 400, category="p")
    cells = laid(tmp_path, "category", (), (1,), train=train, held_out=held_out)
    results = {
        "m·1": result([0.6, 0.0], slices="mp"),
        "p·1": result([0.1, 0.5], slices="mp"),
    }

    found = reporting.report(cells, results)["matrix"]

    assert {(row["train"], row["test"]): row["value"]["value"] for row in found} == {
        ("m", "m"): 0.6,
        ("m", "p"): 0.0,
        ("p", "m"): 0.1,
        ("p", "p"): 0.5,
    }


def test_a_digest_changes_with_what_could_change_the_figures(tmp_path):
    one = laid(tmp_path / "a", "alpha", ("0.5", "1"))
    same = laid(tmp_path / "b", "alpha", ("0.5", "0.9", "1"))
    other = laid(tmp_path / "c", "alpha", ("0.5", "1"), backend="c")
    fewer = laid(tmp_path / "d", "alpha", ("0.5", "1"), held_out=examples(7, 500))

    digests = {cell.name: cell.digest for cell in one.cells}
    assert same.cell("0.5·1").digest == digests["0.5·1"]
    assert len({*digests.values()}) == 4
    for changed in (other, fewer):
        assert changed.cell("0.5·1").digest != digests["0.5·1"]
    assert grid.Grid.read(tmp_path / "a") == one


def test_where_a_pair_came_from_changes_no_digest(tmp_path):
    here = laid(tmp_path / "a", "alpha", ("0.5", "1"))
    later = list(reversed(examples(80, revised_at=5.0, fixed=True)))

    there = laid(tmp_path / "b", "alpha", ("0.5", "1"), train=later)

    assert here == there


def test_a_known_law_is_found_again():
    sizes = [20, 40, 80, 160, 320]
    values = np.array([[0.4 - 0.9 * n**-0.5 for n in sizes]])

    found = fitted.report(sizes, values)

    assert found["limit"]["value"] == pytest.approx(0.4, abs=0.02)
    assert found["exponent"] == pytest.approx(0.5, abs=0.05)
    # 0.9 (1 - 2^-0.5) n^-0.5 = 0.01 at n = (26.36)^2 = 695.
    assert found["flat_from"]["value"] == pytest.approx(695, rel=0.1)
    assert found["doubled"]["value"] == pytest.approx(
        0.9 * (320**-0.5 - 640**-0.5), abs=0.002
    )


def test_a_curve_that_does_not_rise_is_flat_from_the_start():
    found = fitted.report([20, 40, 80], np.array([[0.3, 0.2, 0.1]]))

    assert found["flat_from"]["value"] == 0
    assert found["limit"]["value"] == pytest.approx(0.2)


def test_no_law_ends_above_all_effort_saved():
    """A share that rises by as much with each doubling would, at an exponent of 0."""
    values = np.array([[0.14, 0.19, 0.24]])

    found = fitted.report([20, 40, 80], values)

    assert found["limit"]["value"] <= 1
    assert found["error"] < 0.01


def test_two_sizes_have_no_law():
    assert fitted.report([20, 40], np.array([[0.3, 0.2]])) is None


def test_the_report_is_said_in_a_terminal(tmp_path):
    cells = laid(tmp_path, "size", ("10", "20", "40"), (1,))
    results = {
        f"{size}·1": result([share, share + 0.1])
        for size, share in ((10, 0.1), (20, 0.2))
    }

    said = reporting.as_text(reporting.report(cells, results))

    assert "effort saved (share of raw edit distance)" in said
    assert "missing: 40·1" in said
