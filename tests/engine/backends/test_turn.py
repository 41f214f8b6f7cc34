"""A batch stands still while a text is written that a person waits for."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from revision_engine.backends import turn

pytestmark = pytest.mark.process

HOLD = """
import sys, time
from pathlib import Path
from revision_engine.backends import turn
with turn.first(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_batch_waits_for_another_process_even_if_that_is_killed(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    passed = threading.Event()

    def batch() -> None:
        with turn.giving_way(tmp_path) as gate:
            gate()
            passed.set()

    thread = threading.Thread(target=batch)
    thread.start()
    waited = not passed.wait(0.3)
    holder.kill()
    holder.wait()
    thread.join(10)

    assert waited
    assert passed.is_set()


def test_without_anybody_waiting_a_batch_goes_on(tmp_path):
    with turn.giving_way(tmp_path) as gate:
        gate()
        gate()
