"""What a project asks of a new coach: the gate's rule, as it is saved."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from training.evaluation.figures import AGAINST_RAW, COACH


class Better(StrEnum):
    """Which way a figure should go."""

    HIGHER = "higher"
    LOWER = "lower"


def _check_better(better: str) -> None:
    if better not in list(Better):
        known = ", ".join(Better)
        raise ValueError(f"better must be one of {known}, got {better!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The new coach must not be worse than the active one on this figure."""

    figure: str
    better: str
    tolerance: float = 0.0
    """So much worse is still no harm, in the figure's own unit."""

    def __post_init__(self) -> None:
        _check_better(self.better)
        if not 0 <= self.tolerance < math.inf:
            raise ValueError(f"tolerance must be at least 0, got {self.tolerance}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A first coach's figure must be on the good side of this bound, or on it."""

    figure: str
    better: str
    bound: float
    side: str = COACH
    """As of Figure: `coach`, or empty for a figure that compares it with raw."""

    def __post_init__(self) -> None:
        _check_better(self.better)
        if self.side not in (COACH, AGAINST_RAW):
            raise ValueError(f"side must be {COACH!r} or empty, got {self.side!r}")
        if not math.isfinite(self.bound):
            raise ValueError(f"bound must be a number, got {self.bound}")


MINIMUM_PAIRS = 30
"""On fewer an interval says little, and the tests that decide promise less."""

# Tolerances are what an annotator would not notice: one draft in a hundred, half a
# point of chrF, a fiftieth of the raw pair's edits.
GUARDS = (
    Guard(figure="parseable", better=Better.HIGHER, tolerance=0.01),
    Guard(figure="usable", better=Better.HIGHER, tolerance=0.01),
    Guard(figure="loop", better=Better.LOWER, tolerance=0.01),
    Guard(figure="repetition", better=Better.LOWER, tolerance=0.01),
    Guard(figure="chrF", better=Better.HIGHER, tolerance=0.5),
    # The same test as on mean characters, on a scale that fits every project.
    Guard(figure="edit distance ratio", better=Better.LOWER, tolerance=0.02),
    Guard(figure="nearer than raw", better=Better.HIGHER, tolerance=0.02),
    # Longer drafts take longer to read; a better coach may well write more, not twice.
    Guard(figure="length ratio", better=Better.LOWER, tolerance=0.25),
)
LIMITS = (
    Limit(figure="parseable", better=Better.HIGHER, bound=0.9),
    Limit(figure="usable", better=Better.HIGHER, bound=0.8),
    Limit(figure="loop", better=Better.LOWER, bound=0.25),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """By what the gate decides."""

    minimum_pairs: int = MINIMUM_PAIRS
    """On fewer held-out pairs the gate decides nothing."""
    confidence: float = 0.95
    """How sure it must be, one-sided, that the new coach saves more effort."""
    least_gain: float = 0.0
    """And so much more it must save: share of the raw edit distance, 0 to 1."""
    guards: tuple[Guard, ...] = GUARDS
    """Against the active coach."""
    limits: tuple[Limit, ...] = LIMITS
    """For a first coach, which has none to be compared with."""

    def __post_init__(self) -> None:
        if self.minimum_pairs < 2:
            raise ValueError(
                f"minimum_pairs must be at least 2, got {self.minimum_pairs}"
            )
        if not 0.5 <= self.confidence <= 0.999:
            raise ValueError(
                f"confidence must be in [0.5, 0.999], got {self.confidence}"
            )
        if not 0 <= self.least_gain < 1:
            raise ValueError(f"least_gain must be in [0, 1), got {self.least_gain}")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read a saved rule; ValueError names a key that is not known."""
        _check_keys(cls, values)
        parts: dict[str, Any] = {}
        for name, part in (("guards", Guard), ("limits", Limit)):
            if name in values:
                parts[name] = tuple(_made(part, row) for row in values[name])
        return cls(**values | parts)

    def as_dict(self) -> dict[str, Any]:
        """As JSON: lists of dicts for guards and limits."""
        values = asdict(self)
        return values | {name: list(values[name]) for name in ("guards", "limits")}


def _made(part: type[Any], values: dict[str, Any]) -> Any:
    _check_keys(part, values)
    try:
        return part(**values)
    except TypeError as fault:  # one is missing
        raise ValueError(f"{part.__name__.lower()}: {fault}") from None


def _check_keys(kind: type[Any], values: dict[str, Any]) -> None:
    if unknown := set(values) - set(kind.__dataclass_fields__):
        names = ", ".join(sorted(unknown))
        raise ValueError(f"unknown {kind.__name__.lower()} setting: {names}")
