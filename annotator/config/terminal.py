"""What `./coachlm up` prints: sentences, and under them one line that changes."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress

PLAIN_EVERY = 20.0
"""Seconds between two such lines where what is printed goes into a file."""
_ERASE = "\r\x1b[K"


class _Line:
    """The line that changes, if the terminal can change one."""

    text = ""
    printed_at = 0.0


_line = _Line()


def say(sentence: str) -> None:
    """To the terminal, as long as there is one: its end must not leave orphans."""
    erased = _ERASE if _line.text else ""
    _line.text = ""
    _write(f"{erased}{sentence}\n")


def show(progress: str) -> None:
    """One line in place of the one before; into a file every now and then a line."""
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - 1
        _line.text = progress[:room]
        _write(f"{_ERASE}{_line.text}")
    elif time.monotonic() - _line.printed_at >= PLAIN_EVERY:
        _line.printed_at = time.monotonic()
        _write(f"{progress}\n")


def _write(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()
