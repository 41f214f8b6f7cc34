"""Chance that can be recounted: decided by hash, not by a random number."""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

from annotator.domain.states import Arm, CheckKind


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
    start = _start(stratum, seed)
    before = math.floor(number * control_share + start)
    after = math.floor((number + 1) * control_share + start)
    return Arm.CONTROL if after > before else Arm.COACHED


@lru_cache(maxsize=1024)  # a batch has few strata
def _start(stratum: str, seed: str) -> float:
    return _place(stratum, seed)


def is_challengers(fingerprint: str, share: float, challenge: int) -> bool:
    """Whether the challenger, not the champion, drafts a pair.

    `share` in [0, 1]; `challenge` is its primary key, so that each challenge deals the
    pairs anew.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    return _place(fingerprint, f"challenge-{challenge}") < share


def is_spoken_anyway(fingerprint: str, share: float) -> bool:
    """Whether a pair is shown its draft however little it is thought to help.

    `share` in [0, 1]. The same pairs for every coach, so that coaches can be compared.
    """
    return _place(fingerprint, "spoken-anyway") < share


def quality_place(fingerprint: str, author: int) -> float:
    """Where a review falls when quality control draws; the same however often it is
    submitted. `author` is the primary key."""
    return _place(fingerprint, f"quality-{author}")


def audit_place(fingerprint: str, bulk: int) -> float:
    """Where a pair falls when the audit of a bulk acceptance is drawn."""
    return _place(fingerprint, f"bulk-{bulk}")


def is_for_two(fingerprint: str, share: float, seed: str) -> bool:
    """Whether a pair is revised by two people; raising the share only adds pairs.

    `share` in [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    return _place(fingerprint, f"{seed}-overlap") < share


def check(
    person: int, number: int, *, planted_share: float, gold_share: float, seed: str
) -> CheckKind | None:
    """Which check a person's hold is to be, counted from 1; None for ordinary work.

    Both shares in [0, 1], and so is their sum.
    """
    if min(planted_share, gold_share) < 0 or planted_share + gold_share > 1:
        raise ValueError(f"no shares: {planted_share} and {gold_share}")
    place = _place(f"{person}:{number}", f"{seed}-check")
    if place < planted_share:
        return CheckKind.PLANTED
    return CheckKind.GOLD if place < planted_share + gold_share else None


def is_swapped(overlap: int) -> bool:
    """Whether the second text of an overlap is called A: who rules must not know."""
    return _place(str(overlap), "a-or-b") < 0.5


def pick(seed: str, count: int) -> int:
    """A number from 0 to `count` - 1."""
    return int(_place("pick", seed) * count)


def draw_start(draw: int) -> str:
    """Where a draw of a project's pairs begins among their fingerprints, in hex.

    Fingerprints are hashes, so the pairs that follow are as good as drawn.
    """
    return hashlib.sha256(f"draw-{draw}".encode()).hexdigest()


def place(key: str, seed: str) -> float:
    """A place in [0, 1) for what is drawn along a line."""
    return _place(key, seed)


def _place(fingerprint: str, seed: str) -> float:
    """A place in [0, 1) that looks drawn, and is always the same."""
    digest = hashlib.sha256(f"{seed}:{fingerprint}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
