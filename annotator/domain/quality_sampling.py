"""How many of a person's reviews quality control looks at.

**The rate.** A review *fails* if quality control sends it back or has to mend it. Of
all reviews of a person who fails at a rate p, a share of (1 - rate) * p goes into the
training data wrong and unseen. The rate is the lowest that keeps this share at or below
`slip`, even if p is as high as the judged reviews still leave possible: u, the upper
95 % bound of p (Clopper and Pearson, one-sided). So

    rate = 1 - slip / u,    never below `floor`, and 1 until `full` are judged.

A bound and not the pass rate itself, because 20 passed of 20 say only that p is below
14 %: the bound falls with evidence, not with luck. With slip = 5 %: 20 of 20 passed
-> 64 %, 40 of 40 -> 31 %, 58 of 58 -> the floor; 5 failed of 200 -> 4 %, so the floor;
20 failed of 200 -> 65 %. The floor stays so that a person who gets worse is noticed.

**What counts** are the newest WINDOW judged reviews, so an old mistake is forgiven, and
a person who gets worse is not carried by an old record. Reviews that nobody looked at
say nothing and are left out, and so are corrections of a returned one: those are always
looked at, which makes them no sample.

**The draw** is by hash of the pair and the person: it can be recounted, and a submit
that is taken back and sent again draws the same. The bound holds at each moment, not
for all moments at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.intervals import Share, share, upper_bound

WINDOW = 200
"""Judged reviews of a person that the rate is read from, newest first."""
CONFIDENCE = 0.95
"""Of the one-sided bound."""


class QualityMode(StrEnum):
    """Which reviews a person judges."""

    ADAPTIVE = "adaptive"
    ALL = "all"


class Found(StrEnum):
    """What quality control made of a review that it looked at."""

    PASSED = "passed"
    FIXED = "fixed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a project samples."""

    mode: QualityMode = QualityMode.ADAPTIVE
    full: int = 20
    """Judged reviews before which everything of a person is looked at."""
    floor: float = 0.1
    """The rate is never below; 0 to 1."""
    slip: float = 0.05
    """Share of all reviews that may be wrong and unseen; 0 to 1."""


@dataclass(frozen=True, slots=True)
class Record:
    """The newest judged reviews of one person, counted."""

    passed: int = 0
    fixed: int = 0
    returned: int = 0

    @classmethod
    def of(cls, found: Iterable[str]) -> Record:
        """Count some `Found`."""
        all_of_them = list(found)
        return cls(*(all_of_them.count(each) for each in Found))

    @property
    def failed(self) -> int:
        return self.fixed + self.returned

    @property
    def judged(self) -> int:
        return self.passed + self.failed

    @property
    def pass_share(self) -> Share | None:
        """With its 95 % interval; None before the first."""
        return share(self.passed, self.judged)


def rate(record: Record, rule: Rule) -> float:
    """The share of the person's next reviews that quality control looks at."""
    if rule.mode == QualityMode.ALL or record.judged < rule.full:
        return 1.0
    most = upper_bound(record.failed, record.judged, CONFIDENCE)
    return min(max(1 - rule.slip / most, rule.floor), 1.0)


def is_drawn(place: float, at_rate: float) -> bool:
    """Whether a review with this place in [0, 1) is looked at."""
    return place < at_rate
