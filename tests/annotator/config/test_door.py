"""The port that was asked for is taken, or it is said why not."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from annotator.config import ports
from annotator.config.children import CannotStart
from annotator.config.door import Door, choose


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_free_port_is_taken_without_a_word():
    said = []
    door = Door("127.0.0.1", ports.for_a_server(), is_asked_for=False)

    assert choose(door, said.append) == door
    assert said == []


def test_a_taken_port_is_named_with_its_owner_and_the_next_free_one_is_taken(taken):
    said = []

    chosen = choose(Door("127.0.0.1", taken, is_asked_for=False), said.append)

    assert chosen.port > taken
    assert f"Port {taken} is taken by" in said[0]
    assert f"(process {os.getpid()})" in said[0]
    assert f"on port {chosen.port}" in said[0]


def test_a_port_that_was_asked_for_is_not_exchanged(taken):
    door = Door("127.0.0.1", taken, is_asked_for=True)

    with pytest.raises(CannotStart) as refusal:
        choose(door, print)

    assert f"COACHLM_PORT asks for {taken}" in str(refusal.value)
    assert f"(process {os.getpid()}) has that port" in str(refusal.value)


def test_servers_get_no_port_that_a_client_may_be_given():
    found = {ports.for_a_server() for _ in range(20)}

    assert max(found) < 32_768
    assert len(found) > 1


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "localhost"])  # noqa: S104
def test_a_door_is_asked_where_it_can_be_reached(taken, host):
    door = Door(host, taken, is_asked_for=True)

    assert door.answers() is False  # it listens, and never answers
    assert door.address == f"http://{host}:{taken}"
