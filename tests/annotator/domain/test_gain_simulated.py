"""Teams whose gain is known: the estimator is right, and as sure as it may be.

`./coachlm benchmark gains 2000` prints the table in docs/efficiency.md.
"""

from __future__ import annotations

import pytest

from benchmarks.gains import scenarios, simulate

REPETITIONS = 1000
NOT_AGAIN = {"plain", "fewer returns", "unequal work"}
"""Left to the benchmark, or this would take a minute."""
CHOSEN = [
    each
    for each in scenarios()
    if (each.people in (12, 3) and each.name not in NOT_AGAIN)
    or (each.people in (5, 4) and each.name == "gains differ")
]


@pytest.mark.chance
@pytest.mark.parametrize(
    "scenario", CHOSEN, ids=lambda each: f"{each.name}-{each.people}"
)
def test_it_finds_the_truth_and_its_intervals_hold_it(scenario):
    found = simulate(scenario, REPETITIONS)

    assert abs(found.bias) < max(0.01, 3 * found.error)
    assert 0.93 <= found.covered <= 0.97
