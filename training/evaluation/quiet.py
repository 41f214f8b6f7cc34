"""What a coach is worth if it keeps quiet where its draft would hardly help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.evaluation.helpfulness import Example

STEPS = 20
"""Thresholds of a curve: 0, 0.05, ... 0.95."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The same finished pairs, with drafts shown from one probability on.

    Shares are of `pairs`, of `shown` and of `good`; characters are edits to the final
    text.
    """

    threshold: float
    pairs: int
    shown: int
    """Pairs whose draft changes something and is likely enough to help."""
    helped: int
    """Of the shown: nearer to the final text than the raw pair."""
    saved: int
    """Characters that shown drafts spared."""
    lost: int
    """Characters that they cost."""
    raw: int
    """Characters from the raw pairs to the final texts."""
    good: int
    """Pairs in which the person changed nothing."""
    left_alone: int
    """Of those: no draft is shown."""

    @property
    def shown_share(self) -> float:
        return self.shown / self.pairs if self.pairs else 0.0

    @property
    def helped_share(self) -> float | None:
        return self.helped / self.shown if self.shown else None

    @property
    def ratio(self) -> float | None:
        """Edits left by what is shown, by those from the raw pairs: less than 1 if the
        coach, taken as it comes, is nearer."""
        return (self.raw - self.saved + self.lost) / self.raw if self.raw else None

    @property
    def saved_share(self) -> float | None:
        """Effort saved, if each person takes the better of the two: of `raw`."""
        return self.saved / self.raw if self.raw else None


def point(examples: Sequence[Example], threshold: float) -> Point:
    """The figures at one threshold, 0 to 1; 0 shows every draft that changes anything.

    A pair whose draft is None is counted, and shows nothing.
    """
    shown = [
        one
        for one in examples
        if one.probability is not None and one.probability >= threshold
    ]
    gains = [one.distance_raw - one.distance_draft for one in shown]
    good = [one for one in examples if one.distance_raw == 0]
    return Point(
        threshold=threshold,
        pairs=len(examples),
        shown=len(shown),
        helped=sum(gain > 0 for gain in gains),
        saved=sum(max(gain, 0) for gain in gains),
        lost=sum(max(-gain, 0) for gain in gains),
        raw=sum(one.distance_raw for one in examples),
        good=len(good),
        left_alone=len(good) - sum(one.distance_raw == 0 for one in shown),
    )


def curve(examples: Sequence[Example], also: float = 0.0) -> list[Point]:
    """From showing all to showing almost nothing, and at one more threshold."""
    steps = {step / STEPS for step in range(STEPS)}
    return [point(examples, each) for each in sorted(steps | {also})]
