"""Whether a server is there, as far as this process knows: asked before trying."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import monotonic

TRY_EVERY_SECONDS = 1.0
"""While it is gone one request in this time tries; the others are answered at once."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Standing:
    """One server, seen from one process."""

    name: str
    since: datetime | None = None
    """When it was first found gone; None while it is there."""
    is_doubted: bool = False
    """A query has waited in vain, and nothing has been heard since."""
    _next_try: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_out(self) -> bool:
        return self.since is not None

    def lost(self, why: object) -> None:
        """It could not be reached; said once in the log, however often it is tried."""
        with self._lock:
            self._next_try = monotonic() + TRY_EVERY_SECONDS
            if self.since is None:
                self.since = datetime.now(UTC)
                logger.warning("%s is gone: %s", self.name, why)

    def doubt(self) -> None:
        """It has let a query wait for too long: gone, perhaps, or only slow."""
        self.is_doubted = True

    def found(self) -> None:
        """It has answered."""
        self.is_doubted = False
        if self.since is None:  # the usual case costs no lock
            return
        with self._lock:
            if self.since is not None:
                logger.warning("%s is back, gone since %s", self.name, self.since)
                self.since = None

    def may_try(self) -> bool:
        """True while it is there; while it is gone, for one caller now and then."""
        if self.since is None:
            return True
        with self._lock:
            if monotonic() < self._next_try:
                return False
            self._next_try = monotonic() + TRY_EVERY_SECONDS
            return True


database = Standing("The database")
