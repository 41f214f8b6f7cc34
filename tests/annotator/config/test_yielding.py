"""The engine's worker gives way to whoever serves people."""

from __future__ import annotations

import subprocess
import sys

import pytest

from annotator.config import installing, processes, yielding
from annotator.config.yielding import AUTOGROUP

NICE = 7
PROGRAM = (
    "import os, sys; print(os.nice(0)); print(sys.argv[1] and open(sys.argv[1]).read())"
)


def autogroup() -> str:
    """``/autogroup-N nice M``; nothing where a cgroup shares the time out."""
    return AUTOGROUP.read_text() if AUTOGROUP.exists() else ""


def run_yielding(read: str, own_session: bool) -> list[str]:
    """The words that a program that gives way prints: its nice value, what is read."""
    return subprocess.run(
        [*yielding.command(NICE), sys.executable, "-c", PROGRAM, read],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=own_session,
    ).stdout.split()


@pytest.mark.parametrize("own_session", [True, False])
def test_a_program_is_nice_whatever_the_kernel_groups(own_session):
    assert run_yielding("", own_session) == [str(NICE)]


@pytest.mark.skipif(not autogroup(), reason="this process is in no autogroup")
@pytest.mark.parametrize("own_session", [True, False])
def test_its_session_is_nice_too_if_it_is_its_own(own_session):
    before = autogroup().split()[-1]
    told = run_yielding(str(AUTOGROUP), own_session)
    assert told[-1] == (str(NICE) if own_session else before)


def test_batches_give_way_and_what_a_person_waits_for_does_not():
    assert "annotator.config.yielding" in processes.worker("engine")
    assert "annotator.config.yielding" not in processes.worker("interactive")


def test_the_installation_gives_way_to_drafts():
    assert installing.COMMAND[: len(processes.GIVES_WAY)] == yielding.command(19)
    assert yielding.BATCHES < yielding.DEMO < yielding.INSTALLING
