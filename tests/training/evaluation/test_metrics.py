"""Figures of a coach, on pairs small enough to count by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from revision_engine.types import PairText
from training.evaluation.measuring import Measured, measure
from training.evaluation.metrics import FIGURES, figures

RAW = PairText(instruction="Name a river.", response="Nile")
EXPERT = PairText(instruction="Name a river.", response="The Nile.")
GOOD = "Instruction: Name a river.\nResponse: The Nile"
RESPONSES = st.text("The Nile. ", max_size=12)


def pair(
    response: str, problem: str = "", output: str = GOOD, category: str = ""
) -> Measured:
    draft = PairText(instruction="Name a river.", response=response)
    row = measure(RAW, draft, EXPERT, problem=problem, output=output)
    return replace(row, category=category)


@st.composite
def rows(draw: st.DrawFn) -> list[Measured]:
    """Pairs of any raw text, draft and expert's text, also equal ones."""
    made = []
    for _ in range(draw(st.integers(1, 6))):
        raw, draft, expert = (
            PairText(instruction="Name a river.", response=draw(RESPONSES))
            for _ in range(3)
        )
        problem = draw(st.sampled_from(["", "loop"]))
        shown = raw if problem else draft
        row = measure(raw, shown, expert, problem=problem, output=draw(RESPONSES))
        made.append(replace(row, loss=draw(st.none() | st.floats(0, 9)), tokens=3))
    return made


def values(
    *mine: Measured, beside: Sequence[Measured] = ()
) -> dict[tuple[str, str], float]:
    return {(f.name, f.side): round(f.value, 4) for f in figures(mine, beside)}


def test_the_figures_compare_draft_and_raw_pair_with_the_expert():
    # distances to the expert: raw 5 and 5; drafts 1 and 5
    near, far = pair("The Nile"), pair("Lake Nile.\n\n")

    found = values(near, far)

    assert [r.draft.distance for r in (near, far)] == [1, 5]
    assert found["edit distance", "raw"] == 5
    assert found["edit distance", "coach"] == 3
    assert found["edit distance ratio", ""] == 0.6
    assert found["nearer than raw", ""] == 0.5
    assert found["effort saved", ""] == 0.4


def test_a_draft_that_is_worse_than_the_raw_pair_costs_no_effort():
    found = values(pair("The Nile"), pair("A very long answer about a lake."))

    assert found["effort saved", ""] == 0.4
    assert found["edit distance ratio", ""] > 1


def test_an_unusable_draft_counts_as_the_raw_pair():
    found = values(pair("The Nile."), pair("Nile", "unparseable", "Sure!"))

    assert found["usable", "coach"] == 0.5
    assert found["parseable", "coach"] == 0.5
    assert found["unchanged", "coach"] == 0.5
    assert found["effort saved", ""] == 0.5


def test_the_expert_text_itself_scores_a_hundred():
    found = values(pair("The Nile."))

    for name in ("chrF", "chrF of a pair", "ROUGE-L"):
        assert found[name, "coach"] == 100
        assert found[name, "raw"] < 100
    assert found["length ratio", "coach"] == 1


def test_corpus_chrf_is_sacrebleus():
    near, far = pair("The Nile"), pair("Lake Nile.\n\n")

    found = values(near, far)["chrF", "coach"]

    texts = [near.draft.text, far.draft.text]
    score = CHRF().corpus_score(texts, [[near.expert, far.expert]]).score
    assert found == pytest.approx(score, abs=1e-4)


def test_a_loop_is_counted_in_the_output_and_repetition_in_the_draft():
    loop = "Instruction: Name a river.\nResponse: " + "The Nile is long. " * 9

    found = values(pair("a b c d a b c d", output=loop), pair("x"))

    assert found["loop", "coach"] == 0.5
    assert found["repetition", "coach"] == 0.1
    assert found["repetition", "raw"] == 0


def test_held_out_loss_is_the_mean_over_tokens_not_over_pairs():
    short = replace(pair("x"), loss=4.0, tokens=2)
    long = replace(pair("x"), loss=8.0, tokens=8)

    made = figures([short, long, pair("x")])

    [loss] = [f for f in made if f.name == "held-out loss"]
    assert (loss.value, loss.n) == (1.2, 2)


def test_without_a_loss_there_is_no_such_figure():
    assert "held-out loss" not in {f.name for f in figures([pair("x")])}


def test_the_active_coach_is_measured_on_the_same_pairs():
    mine = [pair("The Nile"), pair("The Nile.")]  # 1 and 0 of 5 left
    theirs = [pair("Nile"), pair("The Nile")]  # 5 and 1 of 5 left

    found = values(*mine, beside=theirs)

    assert found["effort saved", ""] == 0.9
    assert found["effort saved", "current"] == 0.4
    assert found["effort saved", "difference"] == 0.5
    assert found["edit distance", "difference"] == -2.5
    assert found["better on effort saved", "difference"] == pytest.approx(
        3 / 4, abs=0.02
    )


def test_losses_are_compared_on_the_pairs_that_both_coaches_have():
    mine = [replace(pair("x"), loss=2.0, tokens=2), pair("x")]
    theirs = [replace(row, loss=3.0, tokens=2) for row in mine]

    found = values(*mine, beside=theirs)

    assert found["held-out loss", "current"] == 1.5
    assert found["held-out loss", "difference"] == -0.5


def test_losses_over_other_tokens_are_not_compared():
    mine = [replace(pair("x"), loss=2.0, tokens=2)]
    theirs = [replace(pair("x"), loss=3.0, tokens=4)]

    found = values(*mine, beside=theirs)

    assert ("held-out loss", "current") in found
    assert ("held-out loss", "difference") not in found


def test_each_category_has_the_decisive_figures_and_small_ones_are_pooled():
    mine = [
        *[pair("The Nile", category="writing")] * 10,
        *[pair("Nile", category="maths")] * 9,
        *[pair("Nile")] * 2,
    ]

    made = [f for f in figures(mine, mine) if f.category]

    assert list(dict.fromkeys(f.category for f in made)) == ["writing", "other"]
    assert {f.name for f in made} == {
        "effort saved",
        "nearer than raw",
        "edit distance",
        "usable",
    }
    saved = {
        f.category: (f.value, f.n)
        for f in made
        if (f.name, f.side) == ("effort saved", "")
    }
    assert saved == {"writing": (0.8, 10), "other": (0.0, 11)}


@pytest.mark.parametrize("category", ["", "maths", "other"])
def test_pairs_that_are_all_in_one_pool_have_no_category(category):
    made = figures([pair("The Nile", category=category)] * 9)

    assert {f.category for f in made} == {""}


def test_pairs_that_nobody_needed_to_change_leave_nothing_to_divide_by():
    row = measure(EXPERT, EXPERT, EXPERT, problem="", output=GOOD)

    found = values(row, beside=[row])

    assert {name for name, _ in found} == {f.name for f in FIGURES} - {
        "effort saved",
        "edit distance ratio",
        "held-out loss",
    }
    assert found["nearer than raw", ""] == 0


def test_a_pair_that_needed_no_change_weighs_nothing_in_the_effort():
    untouched = measure(EXPERT, RAW, EXPERT, problem="", output=GOOD)

    found = values(pair("The Nile"), untouched)

    assert found["effort saved", ""] == 0.8
    assert found["edit distance ratio", ""] == (1 + 5) / 5


def test_only_pairs_that_needed_no_change_can_be_left_alone():
    good = [
        measure(RAW, replace(RAW, response=said), RAW, problem="", output=GOOD)
        for said in ("Nile", "Nile", "Nile", "The Nile")
    ]

    found = {f.name: f for f in figures([*good, pair("Nile")]) if f.side == "coach"}

    assert (found["left alone"].value, found["left alone"].n) == (0.75, 4)
    assert "left alone" not in {f.name for f in figures([pair("Nile")])}


def test_no_pairs_give_no_figures():
    assert figures([]) == []


def test_each_figure_comes_once_a_side_and_fits_its_column():
    mine = [replace(pair("The Nile", category="a" * 80), loss=1.0, tokens=1)] * 10
    made = figures([*mine, pair("x")], [*mine, pair("x")])

    assert len({(f.name, f.side, f.category) for f in made}) == len(made)
    assert all(len(f.name) <= 40 and len(f.unit) <= 40 for f in made)
    assert {f.side for f in made} == {"raw", "coach", "current", "difference", ""}


@settings(deadline=None, max_examples=40)
@given(mine=rows())
def test_a_value_lies_in_its_interval_and_a_share_between_0_and_1(mine):
    made = figures(mine, resamples=50)

    assert all(f.low <= f.value <= f.high for f in made)
    for figure in made:
        if figure.unit.startswith("share"):
            assert 0 <= figure.low <= figure.high <= 1


@settings(deadline=None, max_examples=40)
@given(mine=rows())
def test_a_coach_does_not_differ_from_itself(mine):
    made = figures(mine, mine, resamples=50)

    differences = [f for f in made if f.side == "difference"]
    assert differences
    assert {(f.value, f.low, f.high) for f in differences} == {(0, 0, 0)}


@settings(deadline=None, max_examples=25)
@given(mine=rows())
def test_a_difference_is_that_of_the_two_sides_and_turns_with_them(mine):
    theirs = [replace(row, draft=row.raw, loop=not row.loop) for row in mine]

    there = figures(mine, theirs, resamples=50)
    back = {
        f.name: f for f in figures(theirs, mine, resamples=50) if f.side == "difference"
    }

    of = {(f.name, f.side): f.value for f in there}
    for figure in there:
        if figure.side == "difference" and figure.unit != "confidence, one-sided":
            own = of.get((figure.name, "coach"), of.get((figure.name, "")))
            assert figure.value == pytest.approx(own - of[figure.name, "current"])
            assert figure.value == -back[figure.name].value
            assert figure.low == pytest.approx(-back[figure.name].high)


def test_chance_repeats_itself():
    mine = [pair("The Nile" + "." * n) for n in range(9)]

    assert figures(mine) == figures(mine)
