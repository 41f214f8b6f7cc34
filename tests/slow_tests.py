"""Tests that take long without starting anything: a quick run leaves them out, too.

    ./coachlm test --note-slow

A line of `slow_tests.txt` is `FILE::TEST`, whatever its parameters. A whole run with
`--note-slow` measures anew, and writes the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

LIST = Path(__file__).with_suffix(".txt")
LONGEST = 0.1
"""Seconds of a quick test, with its fixtures."""


def listed() -> set[str]:
    return set(LIST.read_text().split())


def name_of(nodeid: str) -> str:
    return nodeid.partition("[")[0]


def left_out(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Tests to run, and those that the list names."""
    slow = listed()
    kept = [item for item in items if name_of(item.nodeid) not in slow]
    gone = [item for item in items if name_of(item.nodeid) in slow]
    return kept, gone


class Noting:
    """Adds up what each test takes, and writes the list at the end of a run."""

    def __init__(self, tiers: Iterable[str]) -> None:
        self.tiers = set(tiers)
        """Marks of tests that no quick run takes anyway."""
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.tiers.isdisjoint(report.keywords):
            before = self.seconds.get(report.nodeid, 0.0)
            self.seconds[report.nodeid] = before + report.duration

    def pytest_sessionfinish(self) -> None:
        if self.seconds:  # none in the run of those that count seconds
            LIST.write_text("".join(f"{name}\n" for name in self.slow()))

    def slow(self) -> list[str]:
        long = (test for test, took in self.seconds.items() if took > LONGEST)
        return sorted(set(map(name_of, long)))
