"""Chance that can be recounted: decided by hash, not by a random number."""

from __future__ import annotations

import hashlib
import math

from annotator.domain.states import Arm


def arm(fingerprint: str, control_share: float, seed: str) -> Arm:
    """The arm of a pair; raising the share only ever adds pairs to the control arm.

    `control_share` in [0, 1].
    """
    if not 0 <= control_share <= 1:
        raise ValueError(f"control_share must be in [0, 1], got {control_share}")
    return Arm.CONTROL if _place(fingerprint, seed) < control_share else Arm.COACHED


def dealing_place(fingerprint: str, seed: str) -> float:
    """Where a pair stands among those that are dealt together: least first."""
    return _place(fingerprint, seed)


def dealt_arm(number: int, control_share: float, stratum: str, seed: str) -> Arm:
    """The arm of the pair that was dealt as `number` (0 is the first) in its stratum.

    Pairs are dealt like cards: of any run of numbers the control arm gets its share to
    within one pair. Where the count starts is drawn by hash, so that small strata have
    their share, too, on average. `control_share` in [0, 1].
    """
    if not 0 <= control_share <= 1:
        raise ValueError(f"control_share must be in [0, 1], got {control_share}")
    start = _place(stratum, seed)
    before, after = (
        math.floor(count * control_share + start) for count in (number, number + 1)
    )
    return Arm.CONTROL if after > before else Arm.COACHED


def is_challengers(fingerprint: str, share: float, challenge: int) -> bool:
    """Whether the challenger, not the champion, drafts a pair.

    `share` in [0, 1]; `challenge` is its primary key, so that each challenge deals the
    pairs anew.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    return _place(fingerprint, f"challenge-{challenge}") < share


def quality_place(fingerprint: str, author: int) -> float:
    """Where a review falls when quality control draws; the same however often it is
    submitted. `author` is the primary key."""
    return _place(fingerprint, f"quality-{author}")


def audit_place(fingerprint: str, bulk: int) -> float:
    """Where a pair falls when the audit of a bulk acceptance is drawn."""
    return _place(fingerprint, f"bulk-{bulk}")


def _place(fingerprint: str, seed: str) -> float:
    """A place in [0, 1) that looks drawn, and is always the same."""
    digest = hashlib.sha256(f"{seed}:{fingerprint}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
