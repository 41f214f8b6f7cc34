"""No text that fits into a field holds a worker for long."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.process


@pytest.mark.parametrize("side", ["engine", "annotator"])
def test_texts_made_to_be_slow_are_not(side):
    command = [sys.executable, "-m", "tests.slow_texts", side]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
