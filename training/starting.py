"""What a run may go on from."""

from __future__ import annotations

from enum import StrEnum


class Start(StrEnum):
    """The adapter that the first step of a run finds."""

    IMPORTED = "imported"
    """The newest coach that was not trained here, such as the shipped one: each run
    learns all chosen reviews once, on top of the same weights."""
    ACTIVE = "active"
    """The coach that drafts now: what it has learned before is learned again."""
    BASE = "base"
    """A fresh one, on the base model."""
