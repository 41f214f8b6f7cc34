"""Signs that somebody may not be reading: each with its n and interval, none alone.

A sign is no proof. Somebody who knows the subject is quick; good drafts are accepted
often; a planted mistake may be overlooked by anybody. So a sign of *speed* (faster
than reading, quick acceptance) says nothing until a sign of *outcome* (planted
mistakes left, drafts accepted that quality control then sent back) agrees with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from annotator.domain.intervals import wilson

READING_FLOOR = 8.0
"""Words a second of raw pair and draft together. Adults read prose silently at 238
words a minute (Brysbaert 2019, 190 studies), 4 a second; a draft repeats much of its
raw pair, so reading one with care and glancing at the other comes to 8."""
SPEED_MIN = 20
"""Reviews below which nothing is said about speed."""
FAST_SHARE = 0.25
OUTCOME_MIN = 5
"""Planted mistakes below which nothing is said about them."""
LEFT_SHARE = 0.5
CORRECTED_MOST = 0.05
"""Share that quality control may have sent back of what is accepted quickly."""
RETURNED_SHARE = 0.2


class SignName(StrEnum):
    """The signs."""

    FASTER = "faster"
    """Share of reviews that were faster than reading."""
    STAMP = "stamp"
    """Words a second, median, of drafts accepted as they were."""
    LEFT = "left"
    """Share of planted mistakes that are still in the text."""
    RETURNED = "returned"
    """Share of drafts accepted as they were that quality control sent back."""


OF_SPEED = {SignName.FASTER, SignName.STAMP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One review, as far as it tells about reading."""

    words: int
    """Shown: raw pair and draft."""
    seconds: float
    """Active; above 0."""
    accepted: bool
    """Sent in exactly as drafted."""
    returned: bool | None
    """By quality control; None: not judged."""

    @property
    def rate(self) -> float:
        """Words a second."""
        return self.words / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSign:
    """One figure with its 95 % interval; None where there is nothing to count."""

    name: SignName
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    is_beyond: bool = False
    """The whole interval is beyond the limit, and there is enough to say so."""


def signs(
    reads: Sequence[Read], *, left: int, planted: int, floor: float = READING_FLOOR
) -> list[WorkSign]:
    """All signs of one person; `left` of `planted` mistakes are still there."""
    accepted = [read for read in reads if read.accepted]
    judged = [read.returned for read in accepted if read.returned is not None]
    return [
        _share(
            SignName.FASTER,
            sum(read.rate > floor for read in reads),
            len(reads),
            least=SPEED_MIN,
            limit=FAST_SHARE,
        ),
        _stamp(accepted, sum(judged), floor),
        _share(SignName.LEFT, left, planted, least=OUTCOME_MIN, limit=LEFT_SHARE),
        _share(
            SignName.RETURNED,
            sum(judged),
            len(judged),
            least=SPEED_MIN,
            limit=RETURNED_SHARE,
        ),
    ]


def stands_out(found: Sequence[WorkSign]) -> bool:
    """Whether a sign of speed and one of outcome agree: one alone says nothing."""
    beyond = {sign.name for sign in found if sign.is_beyond}
    return bool(beyond & OF_SPEED) and bool(beyond - OF_SPEED)


def _share(
    name: SignName, part: int, whole: int, *, least: int, limit: float
) -> WorkSign:
    if not whole:
        return WorkSign(name=name, n=0, value=None)
    low, high = wilson(part, whole)
    return WorkSign(
        name=name,
        n=whole,
        value=part / whole,
        low=low,
        high=high,
        is_beyond=whole >= least and low > limit,
    )


def _stamp(accepted: Sequence[Read], returned: int, floor: float) -> WorkSign:
    rates = sorted(read.rate for read in accepted)
    if not rates:
        return WorkSign(name=SignName.STAMP, n=0, value=None)
    low, high = median_bounds(rates)
    enough = len(rates) >= SPEED_MIN and low is not None and low > floor
    return WorkSign(
        name=SignName.STAMP,
        n=len(rates),
        value=median(rates),
        low=low,
        high=high,
        is_beyond=enough and returned <= CORRECTED_MOST * len(rates),
    )


MEDIAN_MIN = 6
"""Values below which no two of them hold the median with 95 %."""


def median_bounds(values: Sequence[float]) -> tuple[float | None, float | None]:
    """95 % interval of a median: two of the sorted values, however they are spread."""
    n = len(values)
    if n < MEDIAN_MIN:
        return None, None
    rank = _rank(n)
    return values[rank], values[n - 1 - rank]


def _rank(n: int) -> int:
    """The highest rank beyond which a median lies at most once in forty times."""
    ways, rank, way = 0, -1, 1
    while 40 * (ways + way) <= 2**n:
        ways, rank = ways + way, rank + 1
        way = way * (n - rank) // (rank + 1)
    return rank
