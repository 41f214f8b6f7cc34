"""Which text kills the engine: found by trying the suspects one by one.

An engine that dies says nothing of why. All that it was working on is suspected, and
from then on each suspect is written alone, so that it can take no other with it. One
that was alone with two dying engines is set aside; a draft that comes clears it.
"""

from __future__ import annotations

from enum import IntEnum


class Suspicion(IntEnum):
    """How near a text is to being set aside."""

    NONE = 0
    IN_COMPANY = 1
    """An engine died while it wrote this text and others."""
    ALONE = 2
    """An engine died while it wrote this text and no other."""
    SET_ASIDE = 3
    """That was so twice."""


def after_death(before: int, *, alone: bool) -> Suspicion:
    """What an engine's death makes of a text that it was writing."""
    suspected = max(before, Suspicion.IN_COMPANY)
    return Suspicion(min(suspected + alone, Suspicion.SET_ASIDE))
