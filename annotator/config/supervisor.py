"""Keep a handful of processes running, and end them together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotator.config.embedded import end_process, identity

QUICK_SECONDS = 10.0
"""A child that ends sooner than this has not really started."""
GIVE_UP_AFTER = 4
STOP_SECONDS = 15.0


@dataclass(slots=True)
class Child:
    """One process: how to start it, and how it has fared."""

    name: str
    command: Sequence[str]
    mend: str
    """What a person can do if it will not start."""
    is_vital: bool = False
    """Without it the product is of no use: the others are stopped too."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_ends: int = 0
    not_before: float = 0.0
    reported: bool = False


@dataclass(slots=True)
class Supervisor:
    """Starts children, restarts those that end, stops all on request."""

    logs: Path
    children: list[Child]
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    stopping: bool = False

    @property
    def pids(self) -> Path:
        return self.logs / "pids.json"

    def end_leftovers(self) -> None:
        """End children that outlived a killed supervisor."""
        if self.pids.exists():
            for who in json.loads(self.pids.read_text()):
                end_process(who)
            self.pids.unlink()

    def start(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            self._spawn(child)

    def _spawn(self, child: Child) -> None:
        log = self.logs / f"{child.name}.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.env,
                start_new_session=True,
            )
        child.started_at = time.monotonic()
        self._write_pids()

    def _write_pids(self) -> None:
        running = [c.process.pid for c in self.children if c.process and _alive(c)]
        self.pids.write_text(json.dumps([identity(pid) for pid in running]))

    def watch_once(self) -> bool:
        """Look after every child once; False when a vital one will not start."""
        for child in self.children:
            if _alive(child):
                if time.monotonic() - child.started_at > QUICK_SECONDS:
                    child.quick_ends, child.reported = 0, False
            elif not self._ended(child):
                return False
        return True

    def _ended(self, child: Child) -> bool:
        now = time.monotonic()
        if child.process is not None:
            code = child.process.returncode
            quick = now - child.started_at < QUICK_SECONDS
            child.quick_ends = child.quick_ends + 1 if quick else 0
            child.not_before = now + min(30.0, 0.5 * 2**child.quick_ends)
            child.process = None
            if child.quick_ends >= GIVE_UP_AFTER and not child.reported:
                print(self._why(child), flush=True)
                child.reported = True
                if child.is_vital:
                    return False
            elif not child.reported:
                print(f"{child.name} ended ({code}); starting it again.", flush=True)
        if now >= child.not_before:
            self._spawn(child)
        return True

    def _why(self, child: Child) -> str:
        text = (self.logs / f"{child.name}.log").read_text(errors="replace")
        last = [line for line in text.splitlines() if line.strip()][-1:]
        return f"{child.name} cannot start: {''.join(last)[:300]}. {child.mend}"

    def watch(self) -> bool:
        """Watch until asked to stop (True) or a vital child gives up (False)."""
        while not self.stopping:
            if not self.watch_once():
                return False
            time.sleep(0.25)
        return True

    def stop(self) -> None:
        """Ask all to end, wait, then make them."""
        for step, seconds in (
            (signal.SIGTERM, STOP_SECONDS),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            running = [child for child in self.children if _alive(child)]
            for child in running:
                _signal_group(child, step)
            limit = time.monotonic() + seconds
            while any(map(_alive, running)) and time.monotonic() < limit:
                time.sleep(0.05)
        self.pids.unlink(missing_ok=True)


def _alive(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _signal_group(child: Child, number: int) -> None:
    """TERM goes to the process itself, so that Celery sees it once; KILL to all."""
    assert child.process is not None
    try:
        if number == signal.SIGKILL:
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)
    except ProcessLookupError:
        pass
