"""The journey of a pair: its states, and every step that is allowed between them."""

from __future__ import annotations

from enum import StrEnum


class PairState(StrEnum):
    """Where a pair is on its way from the import to the training set."""

    IMPORTED = "imported"
    EXCLUDED = "excluded"
    QUEUED = "queued"
    DRAFTING = "drafting"
    READY = "ready"
    PARKED = "parked"
    IN_REVIEW = "in_review"
    DISPUTED = "disputed"
    REVIEWED = "reviewed"
    IN_QUALITY = "in_quality"
    ACCEPTED = "accepted"


class Arm(StrEnum):
    """Whether a pair comes with the coach's draft: decided by hash, for comparison."""

    COACHED = "coached"
    CONTROL = "control"


class SkipPolicy(StrEnum):
    """What becomes of a pair that its annotator skips."""

    OTHERS = "others"
    LATER = "later"
    LEAD = "lead"


class QueueOrder(StrEnum):
    """Which ready pair people meet first."""

    IMPORTED = "imported"
    UNSURE = "unsure"
    LARGEST = "largest"
    SMALLEST = "smallest"


class Stage(StrEnum):
    """What a lease is for."""

    REVIEW = "review"
    QUALITY = "quality"


class CheckKind(StrEnum):
    """What is hidden in a pair that only looks like work."""

    PLANTED = "planted"
    """A good answer with one mistake, shown as if a coach had drafted it."""
    GOLD = "gold"
    """A pair of which an expert's text is known."""


TRANSITIONS: dict[PairState, frozenset[PairState]] = {
    # Accepted at once: a revision that came with the import.
    PairState.IMPORTED: frozenset(
        {PairState.QUEUED, PairState.EXCLUDED, PairState.ACCEPTED}
    ),
    # A person may overrule a rule or another person. In review: taken back at once.
    PairState.EXCLUDED: frozenset({PairState.QUEUED, PairState.IN_REVIEW}),
    # Ready without a draft: the control arm.
    # Back to imported, here and below: nobody has touched it, and a lead takes a
    # revision that came for it with another file, or a file has another text of it.
    PairState.QUEUED: frozenset(
        {
            PairState.DRAFTING,
            PairState.READY,
            PairState.EXCLUDED,
            PairState.IMPORTED,
        }
    ),
    # Back to queued: the draft never came.
    # Excluded: the coach would hardly change it, and the project spares people that.
    PairState.DRAFTING: frozenset(
        {
            PairState.READY,
            PairState.QUEUED,
            PairState.EXCLUDED,
            PairState.IMPORTED,
        }
    ),
    # Ready: a new coach's draft takes the place of one that nobody has opened.
    # Excluded: the new coach would hardly change it, as above.
    # Reviewed: one text is there, and no second person came for theirs.
    # In quality control: its reviewer takes back that they sent it back.
    # Queued: a rule has altered its raw text, and its draft is of another one.
    PairState.READY: frozenset(
        {
            PairState.QUEUED,
            PairState.IN_REVIEW,
            PairState.READY,
            PairState.EXCLUDED,
            PairState.REVIEWED,
            PairState.IN_QUALITY,
            PairState.IMPORTED,
        }
    ),
    # A skipped pair that a lead decides about. In review: the skip is taken back.
    PairState.PARKED: frozenset(
        {PairState.READY, PairState.EXCLUDED, PairState.IN_REVIEW}
    ),
    # Back to ready: given back, skipped, the lease ran out, or a second person is to
    # revise it, too. Disputed: the two do not agree.
    PairState.IN_REVIEW: frozenset(
        {
            PairState.REVIEWED,
            PairState.EXCLUDED,
            PairState.READY,
            PairState.PARKED,
            PairState.DISPUTED,
        }
    ),
    # A lead rules; or the second person takes their submit back.
    PairState.DISPUTED: frozenset({PairState.REVIEWED, PairState.IN_REVIEW}),
    # Back in review: the author takes a submit back while it is fresh.
    # Accepted: not drawn for quality control, or accepted in bulk.
    # Disputed: a lead takes back their choice between two texts.
    PairState.REVIEWED: frozenset(
        {
            PairState.IN_QUALITY,
            PairState.IN_REVIEW,
            PairState.ACCEPTED,
            PairState.DISPUTED,
        }
    ),
    # Ready: sent back to its author. Reviewed: the lease ran out.
    PairState.IN_QUALITY: frozenset(
        {PairState.ACCEPTED, PairState.READY, PairState.REVIEWED}
    ),
    # Taken back while it is fresh: one by one, or in bulk.
    PairState.ACCEPTED: frozenset({PairState.IN_QUALITY, PairState.REVIEWED}),
}


def may_move(old: PairState, new: PairState) -> bool:
    """Whether one step leads from the old state to the new one."""
    return new in TRANSITIONS[old]
