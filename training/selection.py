"""Which examples a coach learns from, and how much each of them counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from revision_engine.saying import gettext
from training.examples import RevisionExample, most_revised
from training.json_settings import checked

TESTED_FIRST = 1 / 3
"""Largest share of accepted reviews, but the held-out ones, that is measured on before
it is learned."""


class Kind(StrEnum):
    """The ways to choose."""

    MOST_REVISED = "most_revised"
    """The share `alpha` that people changed most, as in the CoachLM paper."""
    ALL = "all"
    NEWEST = "newest"
    """All; an example counts half for each `half_life_days` it is older."""
    FIXES = "fixes"
    """All; one that quality control had corrected counts `fix_weight` times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A rule that can be saved with the snapshot that was made by it."""

    kind: str = Kind.MOST_REVISED
    alpha: float = 0.3
    """Share in (0, 1] that `most_revised` keeps."""
    half_life_days: float = 30.0
    fix_weight: float = 3.0

    def __post_init__(self) -> None:
        known = [kind.value for kind in Kind]
        if self.kind not in known:
            raise ValueError(
                gettext("%(name)s must be one of %(known)s, got %(value)r")
                % {"name": "selection", "known": ", ".join(known), "value": self.kind}
            )
        if not 0 < self.alpha <= 1:
            raise ValueError(
                gettext("alpha must be in (0, 1], got %(value)s")
                % {"value": self.alpha}
            )
        for name in ("half_life_days", "fix_weight"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(
                    gettext("%(name)s must be above 0, got %(value)s")
                    % {"name": name, "value": getattr(self, name)}
                )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read a saved rule; ValueError names a key that is wrong."""
        return cls(**checked(cls, values, gettext("setting of the selection")))

    def as_dict(self) -> dict[str, Any]:
        """The kind, and the numbers that it depends on."""
        mine = {
            Kind.MOST_REVISED: "alpha",
            Kind.NEWEST: "half_life_days",
            Kind.FIXES: "fix_weight",
        }
        kept = {"kind", mine.get(Kind(self.kind))}
        return {name: value for name, value in asdict(self).items() if name in kept}

    def choose(self, examples: Sequence[RevisionExample]) -> list[RevisionExample]:
        """The chosen examples with their weights."""
        match Kind(self.kind):
            case Kind.MOST_REVISED:
                return most_revised(examples, self.alpha) if examples else []
            case Kind.NEWEST:
                return self._by_age(examples)
            case Kind.FIXES:
                return [self._by_fix(example) for example in examples]
            case _:
                return list(examples)

    def _by_age(self, examples: Sequence[RevisionExample]) -> list[RevisionExample]:
        newest = max((example.revised_at for example in examples), default=0.0)
        return [
            replace(example, weight=0.5 ** (age / (self.half_life_days * 86_400)))
            for example in examples
            for age in [newest - example.revised_at]
        ]

    def _by_fix(self, example: RevisionExample) -> RevisionExample:
        return replace(example, weight=self.fix_weight if example.fixed else 1.0)


def enough_for_the_gate(minimum_pairs: int, held_out_share: float) -> int:
    """From about how many accepted reviews on the gate has the pairs it asks for."""
    measured = held_out_share + (1 - held_out_share) * TESTED_FIRST
    return math.ceil(minimum_pairs / measured)


def to_test_first(held_out: int, others: int, new: int, minimum_pairs: int) -> int:
    """How many accepted reviews a coach is measured on, beside the held-out ones, for
    a later coach to learn from.

    While the held-out ones are few: so many that there are twice the pairs the gate
    asks for, and TESTED_FIRST of the `others` at most, since a coach must learn from
    the rest. Only `new` ones can serve. None where that would still be too few for the
    gate to decide anything.
    """
    most = int(others * TESTED_FIRST)
    wanted = min(max(0, 2 * minimum_pairs - held_out), most, new)
    return wanted if held_out + wanted >= minimum_pairs else 0
