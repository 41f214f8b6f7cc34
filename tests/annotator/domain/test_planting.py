"""A mistake that can be found on the page, and what became of it."""

from __future__ import annotations

import pytest

from annotator.domain import planting
from annotator.domain.mistakes import SWAPS, Kind
from annotator.domain.planting import CheckOutcome, Planted
from revision_engine.types import PairText

RAW = PairText(
    instruction="Tell me about Pisa.",
    response="The Tower stands in Pisa. It is 56 meters high. It leans by 4 degrees.",
)
GOOD = PairText(
    instruction="Tell me about the tower of Pisa.",
    response="The tower stands in the city of Pisa. It is 56 meters high. "
    "It leans by 4 degrees. The tower is known all over the world. "
    "Builders such as Bonanno Pisano began it in 1173.",
)


def planted(kind: Kind, seeds: int = 200) -> Planted:
    found = (planting.plant(GOOD, RAW, str(seed)) for seed in range(seeds))
    return next(one for one in found if one and one.kind == kind)


def test_the_same_seed_plants_the_same_mistake():
    assert planting.plant(GOOD, RAW, "7") == planting.plant(GOOD, RAW, "7")


def test_a_mistake_changes_one_stretch_only():
    for seed in range(100):
        one = planting.plant(GOOD, RAW, str(seed))
        end = one.start + len(one.after)

        assert one.response[one.start : end] == one.after
        assert one.response[: one.start] + one.before + one.response[end:] == (
            GOOD.response
        )


def test_numbers_that_only_the_expert_knew_are_left_alone():
    seeds = map(str, range(300))
    mistakes = [planting.plant(GOOD, RAW, seed) for seed in seeds]

    numbers = {one.before for one in mistakes if one.kind == Kind.NUMBER}

    assert numbers == {"56", "4"}


def test_a_text_without_a_place_for_a_mistake_gets_none():
    verse = PairText(instruction="Rhyme.", response="Roses red")

    assert planting.plant(verse, verse, "1") is None


@pytest.mark.parametrize("kind", [k for k in SWAPS if k != Kind.NAME])
def test_what_is_sent_in_as_drafted_still_has_the_mistake(kind):
    mistake = planted(kind)

    assert planting.outcome(mistake, mistake.response) == CheckOutcome.LEFT


@pytest.mark.parametrize("kind", [k for k in SWAPS if k != Kind.NAME])
def test_the_good_text_has_it_mended(kind):
    assert planting.outcome(planted(kind), GOOD.response) == CheckOutcome.MENDED


def test_a_change_elsewhere_does_not_mend_it():
    mistake = planted(Kind.NUMBER)
    elsewhere = mistake.response.replace("The tower stands", "Its tower still stands")

    assert planting.outcome(mistake, elsewhere) == CheckOutcome.LEFT


def test_other_words_in_its_place_count_as_gone():
    mistake = planted(Kind.UNIT)
    other = mistake.response.replace(mistake.after, "steps of stone")

    assert planting.outcome(mistake, other) == CheckOutcome.CHANGED


def test_a_dropped_sentence_may_be_said_again_in_other_words():
    mistake = planted(Kind.DROPPED)
    again = f"{mistake.response} Its height: 56 meters; the degrees it leans by: 4."

    assert planting.outcome(mistake, again) == CheckOutcome.CHANGED
    assert planting.outcome(mistake, f"{mistake.response} Fine.") == CheckOutcome.LEFT


def test_a_repeated_sentence_may_be_taken_out_altogether():
    mistake = planted(Kind.REPEATED)
    without = mistake.response.replace(mistake.before, "")

    assert planting.outcome(mistake, without) == CheckOutcome.CHANGED
