"""What training needs, installed beside the running product: nobody waits for it.

`./coachlm install` does it, as a process of its own; here it is begun, listened to,
begun again where it failed, and ended with `up`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import BinaryIO

import psutil

from annotator.config import parts, yielding
from annotator.config.places import BASE, LOGS, VAR, write_private
from training import causes
from training.installation import Installation, State

STATE = VAR / "training.json"
LOG = LOGS / "install.log"
ROOM = VAR / "install.part"
"""Where pip keeps what it has not finished: emptied at each start."""
COMMAND = (
    *yielding.command(yielding.INSTALLING),
    *(str(BASE / "coachlm"), "install"),
)
FIRST_WAIT = 30.0
LONGEST_WAIT = 600.0
LOOK_AGAIN_SECONDS = 15.0
"""How often a failed one asks whether a person has installed it by hand."""
STOP_SECONDS = 10.0
_FETCHED = re.compile(
    r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([^\s/]+?)-\d\S*"
    r"\.(?:whl|gz)(?: \((?:from |(\d))([^)]*)\))?$"
)
_DONE = re.compile(r"Progress (\d+) of (\d+)")
_INSTALLED = "Installing collected packages: "
_SIGNS = {
    causes.Cause.DISK: r"no space left|disk quota",
    causes.Cause.PERMISSION: r"permission denied|read-only file system",
    causes.Cause.NETWORK: (
        r"connection|name resolution|timed? ?out|unreachable|no matching distribution"
        r"|could not fetch|temporary failure|SSLError|HTTP error"
    ),
}


def doing(line: str, before: str) -> str:
    """What pip is at after a line of it, as `torch (191.8 MB), 45 %`."""
    if fetched := _FETCHED.match(line):
        name, digit, rest = fetched.groups()
        return f"{name} ({digit}{rest})" if digit else str(name)
    if (done := _DONE.match(line)) and int(done[2]):
        return f"{before.partition(',')[0]}, {100 * int(done[1]) // int(done[2])} %"
    if line.startswith(_INSTALLED):
        return f"{line.count(',') + 1} packages"
    return before


def cause(log: str) -> tuple[str, str]:
    """Why pip failed: a training.causes.Cause where it is known, and its words."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    faults = [line for line in lines if re.search("error|cannot|fail", line, re.I)]
    words = re.sub(r"^ERROR:\s*", "", (faults or lines or [""])[-1])[:300]
    for each, sign in _SIGNS.items():
        if re.search(sign, log, re.IGNORECASE):
            return each, words
    return "", words


@dataclass(slots=True)
class Installing:
    """The installation of one `up`, from its begin until all is there."""

    holds: tuple[str, ...]
    say: Callable[[str], None]
    show: Callable[[str], None]
    """Is given each change of what is being done, for one line that changes."""
    lacking: Callable[[], Sequence[str]]
    """Names what is not here yet."""
    command: Sequence[str]
    told: Installation = field(init=False)
    process: subprocess.Popen[bytes] | None = None
    tries: int = 0
    looked_at: float = 0.0
    _log: BinaryIO | None = None
    _half: bytes = b""
    _heard: str = ""

    def begin(self) -> None:
        """Start to install, behind all that serves people."""
        me = psutil.Process()
        self.told = Installation(
            state=State.INSTALLING,
            began_at=time.time(),
            holds=self.holds,
            pid=me.pid,
            birth=me.create_time(),
        )
        self.say(
            f"What training needs is being installed meanwhile; its log is {LOG}. "
            f"Pages and drafts need none of it."
            if "engine" not in self.holds
            else f"What drafting and training need is being installed meanwhile; its "
            f"log is {LOG}."
        )
        self._start()

    def _start(self) -> None:
        shutil.rmtree(ROOM, ignore_errors=True)
        ROOM.mkdir(parents=True)
        self.tries += 1
        with LOG.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=BASE,
                env={**parts.environment(), "TMPDIR": str(ROOM), **_told_raw()},
                start_new_session=True,
            )
        self._log, self._half, self._heard = LOG.open("rb"), b"", ""
        self._log.seek(begin)
        self._tell(state=State.INSTALLING, ended_at=0.0, tries_at=0.0, doing="")

    def look(self) -> bool:
        """Go on; True once, when all is there. To be called every now and then."""
        if self.told.state == State.READY:
            return False
        if self.process is None:
            return self._rest()
        self._listen()
        code = self.process.poll()
        if code is None:
            return False
        self._listen()
        self._end()
        return self._judge(code)

    def _rest(self) -> bool:
        """Between two tries: a person may do it by hand."""
        if time.monotonic() - self.looked_at > LOOK_AGAIN_SECONDS:
            self.looked_at = time.monotonic()
            if not self.lacking():
                return self._is_ready()
        if time.time() >= self.told.tries_at:
            self._start()
        return False

    def _judge(self, code: int) -> bool:
        lacking = self.lacking()
        if not lacking:
            return self._is_ready()
        self.looked_at = time.monotonic()
        why, words = cause(self._heard)
        if code == 0:
            words = f"pip ended well, and these are not there: {', '.join(lacking)}"
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (self.tries - 1))
        self._tell(
            state=State.FAILED,
            ended_at=time.time(),
            tries_at=time.time() + wait,
            cause=why,
            problem=words,
        )
        self.say(
            f"What training needs could not be installed: {words.rstrip('.')}. It is "
            f"tried again in {wait:.0f} s; all else works. Its log is {LOG}."
        )
        return False

    def _is_ready(self) -> bool:
        self._tell(state=State.READY, ended_at=time.time(), doing="", tries_at=0.0)
        minutes = (self.told.ended_at - self.told.began_at) / 60
        self.say(f"Training is ready, after {minutes:.1f} min.")
        return True

    def _listen(self) -> None:
        """Read what pip has written since, and tell what it is at."""
        assert self._log is not None
        *lines, self._half = (self._half + self._log.read()).split(b"\n")
        now = self.told.doing
        for line in lines:
            words = line.decode(errors="replace")
            now = doing(words, now)
            if not _DONE.match(words):
                self._heard = f"{self._heard}{words}\n"[-20_000:]
        if now != self.told.doing:
            self._tell(doing=now)
            self.show(f"Installing what training needs: {now}")

    def _tell(self, **changes: object) -> None:
        """A hint only: on a full disk the old one stays."""
        self.told = replace(self.told, **changes)  # type: ignore[arg-type]
        with suppress(OSError):
            write_private(STATE, self.told.text())

    def _end(self) -> None:
        self.process = None
        if self._log:
            self._log.close()
        shutil.rmtree(ROOM, ignore_errors=True)

    def stop(self) -> None:
        """End it as Ctrl-C does, so that pip tidies up; the next `up` goes on with what
        is fetched already."""
        if self.process is not None:
            for number in (signal.SIGINT, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(STOP_SECONDS)
                    break
            self._end()
        STATE.unlink(missing_ok=True)


def _told_raw() -> dict[str, str]:
    """Have pip say how much it has fetched, in lines; older ones cannot."""
    major, minor, *_ = (*version("pip").split("."), "0")
    can = (int(major), int(minor)) >= (24, 1)
    return {"PIP_PROGRESS_BAR": "raw" if can else "off", "PIP_NO_INPUT": "1"}
