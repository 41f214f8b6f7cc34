"""Run a module as a process of its own, and hear what it logs until it ends.

Whoever follows never loads torch: a crash or a cancel costs the work, not the worker.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from revision_engine.saying import gettext
from training import causes

POLL_SECONDS = 1.0
LOG = "recipe.log"
Lines = list[dict[str, Any]]


class StepFailed(Exception):
    """A process ended with a fault; the message is its last words."""

    def __init__(self, sentence: str, cause: str = "") -> None:
        super().__init__(sentence)
        self.cause = cause
        """As the process told it; empty if it told none."""


def follow(
    folder: Path,
    module: Sequence[str],
    heard: Callable[[Lines], None],
    *,
    has_children: bool = False,
) -> None:
    """Run `python -m module` until it ends; StepFailed says why it failed.

    `heard` takes the lines that have come to the folder's progress.jsonl, none among
    them, once a second; what it raises stops the process. One that starts processes
    itself is stopped with them, and holds a pipe by which it sees that its worker has
    died (training.evaluation.tuned.work).
    """
    command = ["nice", "-n", "5", sys.executable, "-m", *module]
    progress, told = tail(folder / "progress.jsonl"), Lines()
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if has_children else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=settings.BASE_DIR,
            env={**os.environ, "COACHLM_MODELS": str(settings.MODELS_FOLDER)},
            start_new_session=has_children,
        )
        try:
            while process.poll() is None:
                time.sleep(POLL_SECONDS)
                told += _heard(heard, next(progress))
            told += _heard(heard, next(progress))
        finally:
            _stop(process, has_children=has_children)
    if process.returncode:
        raise _failure(told, folder, process.returncode)


def _heard(heard: Callable[[Lines], None], lines: Lines) -> Lines:
    """Those of the lines that say why the process failed."""
    heard(lines)
    return [line for line in lines if line["kind"] == "failed"]


def _stop(process: subprocess.Popen[bytes], *, has_children: bool) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if has_children:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()


def tail(path: Path) -> Iterator[Lines]:
    """Each `next` gives the whole lines that have come since the last one.

    The first gives those since this call, before the process was started.
    """
    return _lines_from(path, path.stat().st_size if path.exists() else 0)


def _lines_from(path: Path, place: int) -> Iterator[Lines]:
    while True:
        lines = Lines()
        if path.exists():
            with path.open("rb") as file:
                file.seek(place)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    place += len(line)
                    lines.append(json.loads(line))
        yield lines


def log_of(folder: Path) -> str:
    """All that the folder's processes wrote beside their progress."""
    path = folder / LOG
    return path.read_text(errors="replace") if path.exists() else ""


def _failure(told: Lines, folder: Path, code: int) -> StepFailed:
    """What the process told of its end; else what its end and its log tell."""
    if told:
        return StepFailed(told[-1]["sentence"], told[-1]["cause"])
    if code < 0:
        return _of_signal(-code)
    words = causes.last_words(log_of(folder))
    bare = gettext("The process ended with code %(code)d.") % {"code": code}
    return StepFailed(words[:500] or bare)


def _of_signal(number: int) -> StepFailed:
    if number == signal.SIGKILL:
        told = gettext(
            "The process was killed by signal %(number)d (SIGKILL): by a person, or by "
            "the system because memory ran out. A smaller micro_batch_tokens needs "
            "less."
        )
        return StepFailed(told % {"number": number})
    told = gettext("The process was ended by signal %(number)d (%(name)s).")
    name = signal.strsignal(number) or "?"
    return StepFailed(told % {"number": number, "name": name})
