"""Figures of a coach, on pairs small enough to count by hand."""

from __future__ import annotations

import pytest

from revision_engine.types import PairText
from training.evaluation import metrics
from training.evaluation.metrics import Measured, figures, measure

RAW = PairText(instruction="Name a river.", response="Nile")
EXPERT = PairText(instruction="Name a river.", response="The Nile.")
GOOD = "Instruction: Name a river.\nResponse: The Nile"


def pair(response: str, problem: str = "", output: str = GOOD) -> Measured:
    draft = PairText(instruction="Name a river.", response=response)
    return measure(RAW, draft, EXPERT, problem=problem, output=output)


def values(*rows: Measured) -> dict[tuple[str, str], float]:
    return {(f.name, f.side): round(f.value, 4) for f in figures(rows)}


def test_the_figures_compare_draft_and_raw_pair_with_the_expert():
    # distances to the expert: raw 5 and 5; drafts 1 and 5
    near, far = pair("The Nile"), pair("Lake Nile.\n\n")

    found = values(near, far)

    assert [r.distance_draft for r in (near, far)] == [1, 5]
    assert found["edit distance", "raw"] == 5
    assert found["edit distance", "coach"] == 3
    assert found["edit distance ratio", ""] == 0.6
    assert found["nearer than raw", ""] == 0.5
    assert found["effort saved", ""] == 0.4


def test_an_unusable_draft_counts_as_the_raw_pair():
    found = values(pair("The Nile."), pair("Nile", "unparseable", "Sure!"))

    assert found["usable", "coach"] == 0.5
    assert found["parseable", "coach"] == 0.5
    assert found["unchanged", "coach"] == 0.5
    assert found["effort saved", ""] == 0.5


def test_a_draft_that_is_parsed_may_still_be_unusable():
    found = values(pair("Nile", "too_long"))

    assert (found["parseable", "coach"], found["usable", "coach"]) == (1, 0)


def test_the_expert_text_itself_scores_a_hundred():
    found = values(pair("The Nile."))

    assert found["chrF", "coach"] == 100
    assert found["chrF of a pair", "coach"] == 100
    assert found["chrF", "raw"] < 100
    assert found["length ratio", "coach"] == 1


def test_a_loop_is_counted():
    loop = "Instruction: Name a river.\nResponse: " + "The Nile is long. " * 9

    assert (
        values(pair("The Nile is long.", output=loop), pair("x"))["loop", "coach"]
        == 0.5
    )


def test_a_value_lies_in_its_interval_and_chance_repeats_itself():
    rows = [pair("The Nile" + "." * n) for n in range(9)]

    made = figures(rows)

    assert made == figures(rows)
    assert all(figure.low <= figure.value <= figure.high for figure in made)
    assert {figure.n for figure in made} == {9}


def test_each_figure_comes_once_a_side_and_fits_its_column():
    made = figures([pair("The Nile")])

    assert len({(f.name, f.side) for f in made}) == len(made)
    assert all(len(f.name) <= 40 and len(f.unit) <= 40 for f in made)
    assert {f.side for f in made} == {"raw", "coach", ""}


def test_pairs_that_nobody_needed_to_change_divide_by_nothing():
    row = measure(EXPERT, EXPERT, EXPERT, problem="", output=GOOD)

    found = values(row)

    assert found["effort saved", ""] == 0
    assert found["edit distance ratio", ""] == 0


def test_no_pairs_give_no_figures():
    assert figures([]) == []


@pytest.mark.parametrize("source", ["", "<noinput>"])
def test_an_input_that_says_there_is_none_is_no_text(source):
    text = metrics.as_text(PairText(instruction="I", input=source, response="R"))

    assert text == "Instruction: I\nResponse: R"
