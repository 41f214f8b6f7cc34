"""A clock that can be set: while it runs, this process believes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from django.utils import timezone


class Clock:
    """A moment that goes on only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Go to a moment; never back."""
        self.now = max(self.now, moment)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let Django, and so all services and automatic times, ask this clock.

        Of this process only, and of all its threads: for a loader, not for a server.
        """
        with patch.object(timezone, "now", lambda: self.now):
            yield
