"""One measured value and its interval: what reports, screens and the gate read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

RAW, COACH, CURRENT, DIFFERENCE = "raw", "coach", "current", "difference"
AGAINST_RAW = ""

EFFORT_SAVED = "effort saved"
BETTER = "better on effort saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value, with its 95 % interval over pairs."""

    name: str
    side: str
    """`raw`, `coach` (the new one), `current` (the active one), `difference` (coach
    less current, on the same pairs), or empty where coach and raw are compared."""
    category: str = ""
    """The pairs it is of; empty: all."""
    value: float
    low: float
    high: float
    unit: str
    n: int
    """How many pairs it was measured on."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)
