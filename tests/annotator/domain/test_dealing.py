"""Arms are dealt: each stratum has its share, and anybody can recount it."""

from __future__ import annotations

import pytest

from annotator.domain.bands import LengthBand, band_of
from annotator.domain.chance import dealt_arm
from annotator.domain.states import Arm


def controls(count, share, stratum="short/", seed="batch-1", first=0):
    arms = [dealt_arm(n, share, stratum, seed) for n in range(first, first + count)]
    return arms.count(Arm.CONTROL)


@pytest.mark.parametrize("share", [0.0, 0.07, 0.1, 1 / 3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(("count", "first"), [(7, 0), (40, 13), (1000, 500)])
def test_any_run_has_its_share_to_within_one_pair(share, count, first):
    for number in range(20):
        found = controls(count, share, f"short/{number}", first=first)

        assert abs(found - share * count) < 1


def test_strata_of_one_pair_have_their_share_on_average():
    found = sum(controls(1, 0.1, f"short/{number}") for number in range(5000))

    assert abs(found / 5000 - 0.1) < 0.015


def test_it_is_the_same_whenever_it_is_asked():
    assert dealt_arm(3, 0.4, "long/x", "batch-9") == dealt_arm(
        3, 0.4, "long/x", "batch-9"
    )


def test_a_share_beyond_one_is_refused():
    with pytest.raises(ValueError, match="control_share"):
        dealt_arm(0, 1.5, "short/", "batch-1")


@pytest.mark.parametrize(
    ("chars", "band"),
    [
        (0, LengthBand.SHORT),
        (299, LengthBand.SHORT),
        (300, LengthBand.MEDIUM),
        (1000, LengthBand.LONG),
        (9999, LengthBand.VERY_LONG),
    ],
)
def test_bands_begin_where_they_say(chars, band):
    assert band_of(chars) == band
