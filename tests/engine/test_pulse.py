"""An engine that works gives signs of life; one that hangs gives none."""

from __future__ import annotations

import threading

from revision_engine.pulse import beating


def test_the_first_sign_comes_before_the_work():
    told: list[str] = []

    with beating(lambda: told.append("alive"), every=3600):
        begun_with = len(told)

    assert begun_with == 1


def test_signs_go_on_while_the_work_does_and_end_with_it():
    told: list[int] = []
    often = threading.Event()

    def tell() -> None:
        told.append(1)
        if len(told) == 4:
            often.set()

    with beating(tell, every=0.01):
        was_often = often.wait(30)

    count = len(told)
    often.wait(0.05)
    assert was_often
    assert len(told) == count


def test_an_engine_that_gets_no_further_falls_silent():
    told: list[int] = []

    with beating(lambda: told.append(1), every=0.01, patience=-1.0):
        [pulse] = [each for each in threading.enumerate() if each.name == "pulse"]
        pulse.join(30)

    assert not pulse.is_alive()
    assert len(told) == 1
