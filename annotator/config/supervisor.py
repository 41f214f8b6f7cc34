"""Keep a handful of processes running, and end them together."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from annotator.config import families
from annotator.config.children import CannotStart, Child, MustStartAgain, why_ended

TELL_AFTER = 4
"""Quick ends in a row after which a child is named, with its last words."""
GROUND_TRIES = 3
GROUND_SECONDS = 300.0
REST_SECONDS = 3.0
"""What a dead child's group gets to end by itself, before it is killed."""
STOP_SECONDS = 15.0
GROUND_STOP_SECONDS = 30.0


@dataclass(slots=True)
class Supervisor:
    """Starts children, starts those anew that end, and stops all on request.

    None takes another one down: what cannot stay up is named and tried again, at most
    every half minute, until whatever stands in its way is gone.
    """

    children: list[Child] = field(default_factory=list)
    say: Callable[[str], None] = print
    changed: Callable[[Sequence[Child]], None] = lambda _: None
    """Told of each change in how the children fare."""
    stopping: bool = False

    def start(self, children: Sequence[Child]) -> None:
        """Take these in and start them; CannotStart where one comes to no process."""
        self.children += children
        for child in children:
            self._spawn(child)
            if child.process is None:
                raise CannotStart(f"{child.name}: {child.last_words}")
        self.changed(self.children)

    def start_ground(self, children: Sequence[Child]) -> None:
        """Start servers that all others stand on, and wait until they answer."""
        self.start(children)
        limit = time.monotonic() + GROUND_SECONDS
        while not all(child.is_up for child in children) and not self.stopping:
            for child in children:
                if child.quick_ends >= GROUND_TRIES or time.monotonic() > limit:
                    raise CannotStart(_why(child))
            self.watch_once()
            time.sleep(0.02)

    def watch_once(self) -> None:
        """Look after every child once."""
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.not_before:
                    self._spawn(child)
            elif child.is_alive:
                self._greet(child)
            elif self._rest_is_gone(child):
                self._bury(child)

    def watch(self, beside: Callable[[], None] = lambda: None) -> None:
        """Watch until asked to stop, and do a little beside it each time."""
        while not self.stopping:
            self.watch_once()
            beside()
            time.sleep(0.1)

    def _spawn(self, child: Child) -> None:
        child.started_at = time.monotonic()
        try:
            mended = child.spawn()
        except (CannotStart, OSError) as error:
            self._lose(child, "cannot start")
            child.bury(str(error))
            self._name(child)
        else:
            for sentence in mended:
                self.say(f"{_now()} {sentence}")
        self.changed(self.children)

    def _greet(self, child: Child) -> None:
        """Note that a child has come up, or come back."""
        if child.is_settled:
            child.quick_ends, child.is_told, child.last_words = 0, False, ""
        if child.is_up or not self._answers(child):
            return
        child.is_up = True
        if child.lost_at is not None:
            took = time.time() - child.lost_at
            self.say(f"{_now()} {child.name} is back, after {took:.0f} s.")
        child.lost_at = None
        self.changed(self.children)

    def _answers(self, child: Child) -> bool:
        if child.program.is_ready is None:
            return child.is_settled
        try:
            return child.program.is_ready()
        except MustStartAgain as error:
            self.say(f"{_now()} {child.name}: {error}")
            child.signal(child.program.stop_with)
            return False

    def _rest_is_gone(self, child: Child) -> bool:
        """End what is left of a dead child's group: it may hold a port or a lock."""
        assert child.process is not None
        self._lose(child, why_ended(child.process.returncode))
        rest = families.group(child.process.pid)
        if rest and child.kill_rest_at is None:
            families.tell(rest, signal.SIGTERM)
            child.kill_rest_at = time.monotonic() + REST_SECONDS
        elif child.kill_rest_at and time.monotonic() > child.kill_rest_at:
            families.tell(rest, signal.SIGKILL)
        return not rest

    def _lose(self, child: Child, how: str) -> None:
        if child.lost_at is not None:
            return
        child.lost_at = time.time()
        child.is_up = False
        self.say(f"{_now()} {child.name} {how}; starting it again.")
        self.changed(self.children)

    def _bury(self, child: Child) -> None:
        child.bury(child.words())
        self._name(child)

    def _name(self, child: Child) -> None:
        """Say once what is wrong with a child that cannot stay up."""
        if child.quick_ends >= TELL_AFTER and not child.is_told:
            child.is_told = True
            self.say(f"{_now()} {_why(child)} It is tried again meanwhile.")
        self.changed(self.children)

    def stop(self) -> None:
        """Ask all to end, wait, then make them; the ground goes last."""
        self.stopping = True
        for is_ground in (False, True):
            chosen = [c for c in self.children if c.program.is_ground == is_ground]
            self._stop(chosen, GROUND_STOP_SECONDS if is_ground else STOP_SECONDS)

    def _stop(self, children: Sequence[Child], patience: float) -> None:
        for number, seconds in ((None, patience), (signal.SIGQUIT, 5.0)):
            running = [child for child in children if child.is_alive]
            for child in running:
                child.signal(number or child.program.stop_with)
            limit = time.monotonic() + seconds
            while any(c.is_alive for c in running) and time.monotonic() < limit:
                time.sleep(0.02)
        for child in children:
            if child.process is not None:
                families.end(families.group(child.process.pid), seconds=1)
                child.process.wait()


def _why(child: Child) -> str:
    words = (child.last_words or child.words()).rstrip(".")
    return f"{child.name} cannot stay up: {words}. {child.program.mend}"


def _now() -> str:
    return time.strftime("%H:%M:%S")
