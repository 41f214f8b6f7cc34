"""What a pair can come to on its way, and which step of its history brings it there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.actions import Action
from annotator.domain.states import PairState


class Step(StrEnum):
    """What a pair can come to; the dashboard counts each pair once a step."""

    IMPORTED = "imported"
    EXCLUDED = "excluded"
    DRAFTED = "drafted"
    UNDRAFTED = "undrafted"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    READY_MADE = "ready_made"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class Way:
    """Which events lead to a step: all that agree with what is said here."""

    old: PairState | None = None
    new: PairState | None = None
    not_from: tuple[PairState, ...] = ()
    action: Action | None = None


WAYS = {
    Step.EXPORTED: Way(action=Action.EXPORTED),
    Step.EXCLUDED: Way(new=PairState.EXCLUDED),
    Step.DRAFTED: Way(old=PairState.DRAFTING, new=PairState.READY),
    Step.UNDRAFTED: Way(old=PairState.QUEUED, new=PairState.READY),
    Step.RETURNED: Way(old=PairState.IN_QUALITY, new=PairState.READY),
    Step.READY_MADE: Way(old=PairState.IMPORTED, new=PairState.ACCEPTED),
    Step.ACCEPTED: Way(
        new=PairState.ACCEPTED, not_from=(PairState.IMPORTED, PairState.ACCEPTED)
    ),
}
"""An event leads to one step at most; imports and reviews are rows of their own."""
