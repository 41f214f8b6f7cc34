"""Chance that can be recounted: decided by hash, not by a random number."""

from __future__ import annotations

import hashlib

from annotator.domain.states import Arm


def arm(fingerprint: str, control_share: float, seed: str) -> Arm:
    """The arm of a pair; raising the share only ever adds pairs to the control arm.

    `control_share` in [0, 1].
    """
    if not 0 <= control_share <= 1:
        raise ValueError(f"control_share must be in [0, 1], got {control_share}")
    digest = hashlib.sha256(f"{seed}:{fingerprint}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return Arm.CONTROL if place < control_share else Arm.COACHED
