"""What training needs is installed beside the product, and tried again if it fails."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from annotator.config import installing
from annotator.config.installing import Installing
from training import installation
from training.installation import State

PIP = """
import signal, sys, time, pathlib
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" ignores it
print("Collecting torch==2.13.0", flush=True)
print("  Downloading torch-2.13.0-cp311-cp311-x86_64.whl (191.8 MB)", flush=True)
print("Progress 20 of 80", flush=True)
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder of an `up`; the file `there` in it means that all is installed."""
    monkeypatch.setattr(installing, "STATE", tmp_path / "training.json")
    monkeypatch.setattr(installing, "LOG", tmp_path / "install.log")
    monkeypatch.setattr(installing, "ROOM", tmp_path / "install.part")
    monkeypatch.setattr(installing, "FIRST_WAIT", 0.2)
    monkeypatch.setattr(installing, "LOOK_AGAIN_SECONDS", 0.1)
    return tmp_path


def begun(world: Path, code: str, said: list[str] | None = None) -> Installing:
    sentences = [] if said is None else said
    found = Installing(
        holds=("training",),
        say=sentences.append,
        show=sentences.append,
        lacking=lambda: [] if (world / "there").exists() else ["torch"],
        command=[sys.executable, "-c", code, str(world / "there")],
    )
    found.begin()
    return found


def until(found: Installing, holds) -> bool:
    """Look until that holds; whether it became ready meanwhile."""
    limit, ready = time.monotonic() + 30, False
    while not holds() and time.monotonic() < limit:
        ready = found.look() or ready
        time.sleep(0.02)
    assert holds()
    return ready


def told(world: Path) -> installation.Installation:
    found = installation.read(world / "training.json")
    assert found is not None
    return found


def test_what_pip_is_at_is_told_until_all_is_there(world):
    said: list[str] = []
    code = f"{PIP}\ntime.sleep(0.5)\npathlib.Path(sys.argv[1]).touch()"
    found = begun(world, code, said)

    until(found, lambda: "25 %" in told(world).doing)
    assert told(world).doing == "torch (191.8 MB), 25 %"
    assert told(world).holds == ("training",)
    assert until(found, lambda: told(world).state == State.READY)

    assert "Installing what training needs: torch (191.8 MB), 25 %" in said
    assert said[-1].startswith("Training is ready, after ")
    assert not found.look()
    assert not (world / "install.part").exists()


def test_without_a_network_it_says_so_and_is_begun_again(world):
    said: list[str] = []
    code = (
        "import sys; print('WARNING: Retrying after NewConnectionError')"
        "; sys.exit('ERROR: No matching distribution found for torch==2.13.0')"
    )
    found = begun(world, code, said)

    until(found, lambda: told(world).state == State.FAILED)

    assert told(world).cause == "network"
    assert told(world).problem == "No matching distribution found for torch==2.13.0"
    assert told(world).tries_at > time.time() - 1
    assert "It is tried again in" in said[-1]
    until(found, lambda: found.tries == 3)
    found.stop()


def test_what_ends_well_and_is_not_there_has_failed(world):
    found = begun(world, "print('Successfully installed nothing')")

    until(found, lambda: told(world).state == State.FAILED)

    assert told(world).problem == "pip ended well, and these are not there: torch"


def test_what_a_person_installs_meanwhile_is_taken_as_it_is(world, monkeypatch):
    monkeypatch.setattr(installing, "FIRST_WAIT", 60.0)
    found = begun(world, "raise SystemExit('no space left on device')")
    until(found, lambda: told(world).state == State.FAILED)
    assert told(world).cause == "disk"

    (world / "there").touch()

    assert until(found, lambda: told(world).state == State.READY)


def test_it_ends_with_up_and_leaves_nothing(world):
    code = f"{PIP}\ntime.sleep(60)"
    found = begun(world, code)
    until(found, lambda: told(world).doing.endswith("%"))
    pid = found.process.pid

    began = time.monotonic()
    found.stop()

    assert time.monotonic() - began < 5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list(world.iterdir()) == [world / "install.log"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  Downloading torch-2.13.0-cp311-none.whl (191.8 MB)", "torch (191.8 MB)"),
        ("  Using cached peft-0.21.2-py3-none-any.whl (835 kB)", "peft (835 kB)"),
        ("Processing /wheels/torch-2.13.0+cpu-cp311.whl (from x)", "torch"),
        ("Processing /wheels/torch-2.13.0+cpu-cp311.whl", "torch"),
        ("  Downloading torch-2.13.0-cp311.whl.metadata (29 kB)", "before, 1 %"),
        ("Progress 1 of 3", "before, 33 %"),
        ("Progress 1 of 0", "before, 1 %"),
        ("Installing collected packages: a, b, c", "3 packages"),
        ("", "before, 1 %"),
    ],
)
def test_a_line_of_pip_tells_what_it_is_at(line, expected):
    assert installing.doing(line, "before, 1 %") == expected


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("ERROR: [Errno 28] No space left on device", "disk"),
        ("ERROR: [Errno 13] Permission denied: '.venv'", "permission"),
        ("Read timed out.\nERROR: x", "network"),
        ("ERROR: ResolutionImpossible: two want another numpy", ""),
        ("", ""),
    ],
)
def test_why_pip_failed_is_guessed_only_where_it_says_so(log, expected):
    assert installing.cause(log)[0] == expected
