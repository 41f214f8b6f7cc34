"""The shipped coach at work: what depends on a model of real size."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from benchmarks.shipped import SHIPPED, coach
from revision_engine import stopping
from revision_engine.backends.local import LocalBackend

pytestmark = pytest.mark.model
TURN = "Improve this answer.\n" + "The cat sat on the mat, and nobody knew why. " * 30


@pytest.fixture(autouse=True)
def _not_told() -> Iterator[None]:
    stopping.told.clear()
    yield
    stopping.told.clear()


@pytest.mark.timed
@pytest.mark.parametrize("after", [0.2, 4.0], ids=["reading", "writing"])
def test_a_worker_told_to_stop_has_stopped_within_a_second(after):
    backend = LocalBackend(coach(), SHIPPED.parent.absolute())
    told_at = []

    def tell() -> None:
        told_at.append(time.monotonic())
        stopping.told.set()

    timer = threading.Timer(after, tell)
    timer.start()
    written = list(backend.complete([f"{number}. {TURN}" for number in range(32)]))

    assert time.monotonic() - told_at[0] < 1
    assert len(written) < 32
