"""What a running `./coachlm up` says of itself, for `./coachlm doctor`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

import psutil

from annotator.config.children import Child
from annotator.config.places import VAR, read_state, write_private

STATE = VAR / "up.json"


@dataclass(frozen=True, slots=True)
class RunningPart:
    """One part of the product, as its supervisor sees it."""

    name: str
    is_up: bool
    pid: int
    """0 while it has no process."""
    lost_at: float
    """When it died and has not come back; 0 if it has not."""
    last_words: str


@dataclass(frozen=True, slots=True)
class Running:
    """An `up` that is running now."""

    pid: int
    birth: float
    host: str
    port: int
    parts: tuple[RunningPart, ...] = ()

    def part(self, name: str) -> RunningPart | None:
        return next((part for part in self.parts if part.name == name), None)


def write(host: str, port: int, children: Sequence[Child]) -> None:
    """Say how the children fare. A hint only: on a full disk the old one stays."""
    me = psutil.Process()
    parts = tuple(map(_part, children))
    state = Running(os.getpid(), me.create_time(), host, port, parts)
    with suppress(OSError):
        write_private(STATE, json.dumps(asdict(state)))


def _part(child: Child) -> RunningPart:
    pid = child.process.pid if child.process and child.is_alive else 0
    words = child.last_words
    return RunningPart(child.name, child.is_up, pid, child.lost_at or 0.0, words)


def read() -> Running | None:
    """What the `up` in this folder says; None if none runs or it cannot be read."""
    try:
        found = read_state(STATE)
        parts = tuple(RunningPart(**part) for part in found.pop("parts", ()))
        state = Running(**found, parts=parts)
        born = psutil.Process(state.pid).create_time()
    except (TypeError, ValueError, psutil.Error):
        return None
    return state if abs(born - state.birth) < 1 else None


def since(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))
