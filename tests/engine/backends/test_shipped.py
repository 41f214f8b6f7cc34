"""The shipped coach at work: what depends on a model of real size."""

from __future__ import annotations

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
def test_a_worker_told_to_stop_among_many_texts_has_stopped_within_a_second():
    backend = LocalBackend(coach(), SHIPPED.parent.absolute())
    lengths = [TURN[: 120 + 10 * number] for number in range(32)]
    coming = backend.complete(lengths)
    next(coming)
    began = time.monotonic()

    stopping.told.set()
    written = list(coming)

    assert time.monotonic() - began < 1
    assert len(written) < 31
