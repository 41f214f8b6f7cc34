"""What does the gate say to a team in its first month?

    ./coachlm benchmark deciding [evaluations]

For so many accepted reviews: how many pairs a new coach is measured on (the held-out
tenth alone, and with those that are tested first; training/selection.py), and what the
gate decides in simulated evaluations on as many pairs. A pair's edits from raw and from
a draft are those of the shipped coach's drafts of held-out pairs, drawn with repeats
(its help_estimate.json). Of two coaches, one writes a pair's draft and the other leaves
the pair raw:

- alike: a coin says which, so neither is better; how often the gate says promote is its
  error, and 5 % are allowed;
- better: the new coach writes three of four;
- surely better: it writes all, and the active one none;
- first: it writes all, and there is no active coach.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.evaluation.gate import Outcome, decide
from training.evaluation.helpfulness import Estimate
from training.evaluation.measuring import Measured, Reading
from training.evaluation.metrics import figures
from training.evaluation.rule import MINIMUM_PAIRS, Rule
from training.selection import to_test_first

DRAFTS = Path("training/shipped/coachlm-smollm2-135m/help_estimate.json")
EVALUATIONS = 400
RESAMPLES = 200
REVIEWS = (60, 80, 100, 150, 200, 300, 600, 1000)
HELD_OUT = 0.1
SHARES = {"alike": 0.5, "better": 0.75, "surely better": 1.0, "first": None}
"""Of the pairs, those whose draft is the new coach's."""

Edits = tuple[int, int]
"""Characters from the raw pair, and from the draft, to the expert's text."""


def main() -> None:
    """Print how many pairs are measured, then what is decided on so many."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else EVALUATIONS
    print("accepted  held out  measured")
    sizes = set()
    for reviews in REVIEWS:
        held_out = round(HELD_OUT * reviews)
        others = reviews - held_out
        first = to_test_first(held_out, others, others, MINIMUM_PAIRS)
        sizes.add(held_out + first)
        print(f"{reviews:8}  {held_out:8}  {held_out + first:8}")
    drawn_from = flawed_pairs()
    print(f"{len(drawn_from)} pairs to draw from, {times} evaluations a line")
    print("measured  new coach      promote   hold  reject (%)")
    for pairs in sorted(sizes):
        for name, share in SHARES.items():
            found = outcomes(drawn_from, pairs, share, times)
            shares = [100 * found[each] / times for each in Outcome]
            said = "  ".join(f"{one:6.1f}" for one in shares)
            print(f"{pairs:8}  {name:13}  {said}", flush=True)


def flawed_pairs() -> list[Edits]:
    """Of the shipped coach's held-out drafts, those of pairs that had to be revised."""
    papers = json.loads(DRAFTS.read_text())
    found = Estimate.from_dict(papers["estimate"]).examples
    return [(e.distance_raw, e.distance_draft) for e in found if e.distance_raw]


def outcomes(
    drawn_from: Sequence[Edits], pairs: int, share: float | None, times: int
) -> Counter[str]:
    """What the gate says of so many evaluations on so many pairs."""
    chance, found = np.random.default_rng(17), Counter[str]()
    for _ in range(times):
        edits = [drawn_from[n] for n in chance.integers(0, len(drawn_from), pairs)]
        writes = chance.random(pairs) < (1 if share is None else share)
        both = list(zip(edits, writes, strict=True))
        new = [measured(*two, writes=it) for two, it in both]
        active = [measured(*two, writes=not it) for two, it in both]
        made = figures(new, active if share is not None else (), RESAMPLES)
        found[decide(Rule(), made).outcome] += 1
    return found


def measured(raw: int, draft: int, *, writes: bool) -> Measured:
    """A pair with its draft, or left raw; drafts are alike in all but their edits."""
    return Measured(
        raw=_reading(raw),
        draft=_reading(draft if writes else raw),
        expert="x",
        problem="",
        parseable=True,
        loop=False,
    )


def _reading(distance: int) -> Reading:
    return Reading(
        text="x", chrf=(9, 9, 6) * 6, rouge_l=50, distance=distance, repetition=0
    )


if __name__ == "__main__":
    main()
