"""Kill, watch until it has healed, and write down what the pages said meanwhile."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.kills.fill import PASSWORD, SLUG
from benchmarks.kills.pages import Browser
from benchmarks.kills.people import Ledger, Person
from benchmarks.kills.product import Product

HEAL_SECONDS = 120.0
CALM = 3
"""Pages in a row that must be fine: of several web processes one may still fail."""


@dataclass(slots=True)
class Row:
    """A target, and how its kills went."""

    target: str
    pages: list[float] = field(default_factory=list)
    """Seconds until pages worked again: 0.0 where they never stopped."""
    back: list[float] = field(default_factory=list)
    """Seconds until another process stood in its place."""
    slowest: float = 0.0
    """Seconds that a watcher waited for one page, at most."""
    kills: int = 0
    said: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = "; ".join(f"{what} ×{n}" for what, n in self.said.most_common(4))
        return (
            f"| {self.target} | {self.kills} | {len(self.pages)} | "
            f"{_spread(self.pages)} | {self.slowest:.1f} | {_spread(self.back)} | "
            f"{said or 'went on'} |"
        )


HEAD = (
    "| killed with -9 | kills | healed | pages work again after, s (p50 / most) | "
    "slowest page, s | part back after, s (p50 / most) | what pages said meanwhile |\n"
    "|---|---|---|---|---|---|---|"
)


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    return f"{statistics.median(seconds):.1f} / {max(seconds):.1f}"


@dataclass(slots=True)
class World:
    """A filled product with people at work."""

    product: Product
    ledger: Ledger
    people: list[Person]
    watcher: Browser = field(init=False)

    def __post_init__(self) -> None:
        """Sign in a member who is not at work."""
        name = f"writer{sum(person.role == 'writer' for person in self.people)}"
        self.watcher = self.product.browser()
        if not self.watcher.sign_in(name, PASSWORD):
            raise RuntimeError(f"{name} cannot sign in.")

    def rest(self) -> None:
        """Have everybody finish what they do."""
        for person in self.people:
            person.stopping.set()
        for person in self.people:
            person.join(timeout=30)


@contextmanager
def world(*, writers: int, judges: int, pairs: int, pace: float) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="coachlm-kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's own user walks through
        product, ledger = Product(folder), Ledger()
        names = [f"writer{n}" for n in range(writers)]
        names += [f"judge{n}" for n in range(judges)]
        people = [Person(who, product.browser(), ledger, pace) for who in names]
        try:
            product.start()
            product.fill(pairs, writers + 1, judges)
            world = World(product, ledger, people)
            for person in people:
                person.start()
            yield world
        finally:
            for person in people:
                person.stopping.set()
            product.stop()


def kill(world: World, row: Row) -> None:
    """One kill of the row's target."""
    killed = world.product.kill(row.target)
    row.kills += 1
    began = time.monotonic()
    restart = None
    if by_hand := {"up": world.product.start, "recipe": world.product.train}.get(
        row.target
    ):
        restart = threading.Thread(target=by_hand)
        restart.start()
    last_fault, back, calm = 0.0, None, 0
    while (seconds := time.monotonic() - began) < HEAL_SECONDS:
        answer = world.watcher.get(f"/p/{SLUG}/")
        row.slowest = max(row.slowest, time.monotonic() - began - seconds)
        if answer.is_fine:
            calm += 1
        else:
            row.said[answer.said()] += 1
            last_fault, calm = time.monotonic() - began, 0
        if back is None and world.product.has_back(row.target, killed):
            back = seconds
        is_whole = back is not None and not (restart and restart.is_alive())
        if calm >= CALM and is_whole:
            row.pages.append(last_fault)
            row.back.append(back or 0.0)
            return
        time.sleep(0.1)


def works(world: World, *, more: int, seconds: float = 60.0) -> bool:
    """Whether people get that many further acknowledgements."""
    wanted, limit = world.ledger.count() + more, time.monotonic() + seconds
    while world.ledger.count() < wanted and time.monotonic() < limit:
        time.sleep(0.1)
    return world.ledger.count() >= wanted
