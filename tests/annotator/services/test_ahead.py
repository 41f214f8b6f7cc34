"""Reading ahead gives what reading would give, and lets go of the file in the end."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from annotator.database.ahead import ahead


def test_the_values_come_in_their_order():
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert list(ahead(iter([None, 0, ""]))) == [None, 0, ""]
    assert list(ahead(iter([]))) == []


def test_one_value_is_read_while_another_is_used():
    read = threading.Event()

    def values():
        yield 1
        read.set()
        yield 2

    found = ahead(values())
    assert next(found) == 1
    assert read.wait(10)
    assert list(found) == [2]


def test_a_fault_is_raised_behind_the_values_before_it():
    def values():
        yield 1
        raise ValueError("row 2 is broken")

    found = ahead(values())
    assert next(found) == 1
    with pytest.raises(ValueError, match="row 2"):
        next(found)


def test_nothing_is_read_any_more_after_it_is_closed():
    read = []

    def values():
        for number in range(1000):
            read.append(number)
            yield number

    with closing(ahead(values())) as found:
        assert next(found) == 0
    count = len(read)
    assert count <= 3
    assert not any("ahead" in each.name for each in threading.enumerate())
    assert len(read) == count


def test_who_waits_says_so(monkeypatch):
    monkeypatch.setattr("annotator.database.ahead.PATIENCE", 0.01)
    said = threading.Event()

    def values():
        assert said.wait(10)
        yield 1

    assert list(ahead(values(), waiting=said.set)) == [1]


def test_a_timeout_of_the_values_own_is_raised():
    def values():
        yield 1
        raise TimeoutError("the pattern took too long")

    found = ahead(values())
    assert next(found) == 1
    with pytest.raises(TimeoutError, match="pattern"):
        next(found)
