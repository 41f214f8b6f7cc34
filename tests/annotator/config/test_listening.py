"""The port outlives the web process: what is asked meanwhile waits, and is answered."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from annotator.config import families, parts, ports
from annotator.config.children import CannotStart, Child
from annotator.config.door import Door, Knock
from annotator.config.supervisor import Supervisor
from tests.annotator.config.parts import until

pytestmark = pytest.mark.process

STILL = "/static/css/tokens.css"
"""It needs no database."""


@contextmanager
def served(door: Door) -> Iterator[tuple[Supervisor, Child]]:
    """The real web process, as `up` starts it."""
    supervisor = Supervisor(say=lambda _: None)
    with door.listen() as listener:
        web = parts.web(door, listener.fileno())
        try:
            supervisor.start([web])
            until(supervisor, lambda: web.is_up, 60)
            yield supervisor, web
        finally:
            supervisor.stop()


class Visitor(threading.Thread):
    """Asks for one page after the other, and notes what came of each."""

    def __init__(self, door: Door, most: int) -> None:
        super().__init__(daemon=True)
        self.door, self.most, self.answers = door, most, []

    def run(self) -> None:
        while len(self.answers) < self.most:
            try:
                answer = httpx.get(self.door.address + STILL, timeout=60)
            except httpx.HTTPError as error:
                self.answers.append(error)
            else:
                self.answers.append(answer.status_code)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_asked_while_no_web_process_lives_waits_and_is_answered(host):
    door = Door(host, ports.for_a_server(), is_asked_for=True)

    with served(door) as (supervisor, web):
        families.end(families.group(web.process.pid), ask_with=signal.SIGKILL)
        visitor = Visitor(door, most=3)
        visitor.start()
        until(supervisor, lambda: not visitor.is_alive(), 60)

    assert visitor.answers == [200] * 3
    assert ports.is_free(host, door.port)  # at once, after a clean stop


def test_nobody_is_refused_while_a_killed_parent_is_replaced():
    door = Door("127.0.0.1", ports.for_a_server(), is_asked_for=True)

    with served(door) as (supervisor, web):
        killed = web.process.pid
        visitor = Visitor(door, most=1_000_000)
        visitor.start()
        os.kill(killed, signal.SIGKILL)  # its workers live on, for a while
        until(supervisor, lambda: web.is_up and web.process.pid != killed, 60)
        visitor.most = len(visitor.answers) + 1
        visitor.join(timeout=60)

    assert 200 in visitor.answers
    refused = [each for each in visitor.answers if isinstance(each, httpx.ConnectError)]
    assert refused == []


def test_a_knock_is_answered_once_somebody_takes_it():
    door = Door("127.0.0.1", ports.for_a_server(), is_asked_for=True)
    knock = Knock(door)

    with door.listen() as listener:
        early = [knock.is_answered() for _ in range(3)]
        link, _ = listener.accept()
        link.sendall(b"HTTP/1.1 503 Gone\r\nContent-Length: 0\r\n\r\n")
        until(Supervisor(), knock.is_answered)
        link.close()

    assert early == [False] * 3
    assert knock.is_answered() is False  # refused by now


def test_a_port_that_was_taken_meanwhile_is_no_start():
    door = Door("127.0.0.1", ports.for_a_server(), is_asked_for=True)

    with door.listen(), pytest.raises(CannotStart, match=f"taken port {door.port}"):
        door.listen()


def test_answers_do_not_wait_to_be_sent_together():
    with (
        ports.listen("127.0.0.1", port := ports.for_a_server()) as listener,
        socket.create_connection(("127.0.0.1", port)),
    ):
        taken, _ = listener.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
