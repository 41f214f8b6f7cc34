"""How a coach that the gate lets pass takes over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Way(StrEnum):
    """The ways there are."""

    AT_ONCE = "at_once"
    CHALLENGE = "challenge"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesOver:
    """What follows a gate's `promote`; saved with the run."""

    way: str = Way.WAIT
    share: float = 0.5
    """Of the new drafts, while it is on trial."""
    needed: int = 100
    """Reviews of each coach before the trial is decided."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)
