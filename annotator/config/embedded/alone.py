"""Servers without an `up`: what tests and benchmarks start and stop by themselves."""

from __future__ import annotations

from annotator.config.children import Child, Program
from annotator.config.supervisor import Supervisor


class StartsAlone:
    """Lets an embedded server be started and stopped by whoever made it."""

    url: str
    _alone: Supervisor | None = None

    def program(self) -> Program:
        """How the server is started."""
        raise NotImplementedError

    def start(self) -> str:
        """Start the server, wait until it answers, and return its URL."""
        self._alone = Supervisor()
        self._alone.start_ground([Child(self.program())])
        return self.url

    def stop(self) -> None:
        """End it; nothing that was committed is lost."""
        if self._alone:
            self._alone.stop()
