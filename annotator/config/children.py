"""One process of the product: how it is started, and how it fares."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

QUICK_SECONDS = 10.0
"""A child that ends sooner than this has not really started."""
LONGEST_WAIT = 30.0
ROTATE_AT = 10_000_000
WORDS_READ = 20_000
_STAMP = re.compile(
    r"^\[?\d{4}-\d\d-\d\d \S+( \w+)? (\[\d+\] )?|^\d+:\w .{20,30}? [#*] "
)
"""What servers write before each line."""
_FAULT = re.compile(r"FATAL|PANIC|ERROR|Error|error|#")


class CannotStart(Exception):
    """A part does not come up; the message says why and how to mend it."""


class MustStartAgain(Exception):
    """A server runs, but not as it should: ended and prepared anew, it will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a part is started, asked whether it is ready, and stopped."""

    name: str
    command: Sequence[str | Path]
    log: Path
    mend: str
    """What a person can do if it will not start."""
    env: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    """Open files it inherits, such as the socket it listens on."""
    user: str | None = None
    folder: Path | None = None
    prepare: Callable[[str], list[str]] = lambda _: []
    """Makes it fit to start, told the last words of a try that failed just before;
    returns sentences about what it mended."""
    is_ready: Callable[[], bool] | None = None
    stop_with: int = signal.SIGTERM
    is_ground: bool = False
    """The others stand on it: it starts before and stops after them."""


@dataclass(slots=True)
class Child:
    """A program, and the process that runs it at the moment."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    log_from: int = 0
    is_up: bool = False
    lost_at: float | None = None
    """When it died and has not come back since."""
    kill_rest_at: float | None = None
    """The process is dead, and what is left of its group has until then."""
    not_before: float = 0.0
    quick_ends: int = 0
    last_words: str = ""
    """Of a try that failed."""
    is_told: bool = False

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def seconds(self) -> float:
        """How long this process has been running."""
        return time.monotonic() - self.started_at

    @property
    def is_settled(self) -> bool:
        return self.is_alive and self.seconds > QUICK_SECONDS

    def spawn(self) -> list[str]:
        """Start it in a session of its own; what had to be mended for that.

        CannotStart, or OSError on a full disk, if it comes to no process.
        """
        mended = self.program.prepare(self.last_words)
        self.started_at = time.monotonic()
        with self._log().open("ab") as output:
            self.log_from = output.tell()
            self.process = subprocess.Popen(
                self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self.program.env),
                pass_fds=self.program.pass_fds,
                user=self.program.user,
                cwd=self.program.folder,
                start_new_session=True,
            )
        self.is_up, self.kill_rest_at = False, None
        return mended

    def _log(self) -> Path:
        log = self.program.log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > ROTATE_AT:
            log.replace(log.with_suffix(".log.1"))
        return log

    def bury(self, words: str) -> None:
        """Note a death, and when the next try is due: at once, if it had run well."""
        quick = time.monotonic() - self.started_at < QUICK_SECONDS
        self.quick_ends = self.quick_ends + 1 if quick else 0
        self.last_words = words if quick else ""
        wait = min(LONGEST_WAIT, 2.0 ** (self.quick_ends - 1)) if quick else 0.0
        self.not_before = time.monotonic() + wait
        self.process, self.is_up, self.kill_rest_at = None, False, None

    def words(self) -> str:
        """The line of this process's log that says most about its end."""
        try:
            with self.program.log.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(self.log_from, end - WORDS_READ))
                text = log.read().decode(errors="replace")
        except OSError as error:
            return str(error)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        faults = [line for line in lines if _FAULT.search(line)]
        return _STAMP.sub("", (faults or lines or [""])[-1])[:300]

    def signal(self, number: int) -> None:
        """To the process itself, so that Celery sees it once."""
        if self.process is not None:
            self.process.send_signal(number)


def why_ended(code: int) -> str:
    """A return code in words."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
