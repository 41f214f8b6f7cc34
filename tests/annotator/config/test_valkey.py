"""The embedded Valkey starts whatever became of its file."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import redis

from annotator.config.children import Child
from annotator.config.embedded import EmbeddedValkey
from annotator.config.supervisor import Supervisor
from tests.annotator.config.parts import until

pytestmark = pytest.mark.process

MESSAGES = 200


def start(folder: Path) -> tuple[EmbeddedValkey, list[str]]:
    server, said = EmbeddedValkey(folder), []
    server._alone = Supervisor(say=said.append)
    server._alone.start_ground([Child(server.program())])
    return server, said


def count(server: EmbeddedValkey) -> int:
    with redis.Redis.from_url(server.url) as client:
        return client.llen("queue")


@pytest.fixture
def killed(tmp_path) -> Path:
    """The folder of a server that was killed with messages in its queue."""
    server, _ = start(tmp_path / "valkey")
    with redis.Redis.from_url(server.url) as client:
        client.config_set("appendfsync", "always")
        for number in range(MESSAGES):
            client.rpush("queue", f"message {number}")
    [child] = server._alone.children
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    return tmp_path / "valkey"


def incr(folder: Path) -> Path:
    return next((folder / "appendonlydir").glob("*.incr.aof"))


def test_killed_it_comes_back_on_its_port_with_its_messages(tmp_path):
    server, said = start(tmp_path / "valkey")
    with redis.Redis.from_url(server.url) as client:
        client.config_set("appendfsync", "always")
        client.rpush("queue", "message")
    [child] = server._alone.children

    os.kill(child.process.pid, signal.SIGKILL)

    until(server._alone, lambda: len(said) == 2)
    assert count(server) == 1
    server.stop()


def test_a_server_whose_up_was_killed_is_ended_first(tmp_path):
    left, _ = start(tmp_path / "valkey")

    server, _ = start(tmp_path / "valkey")

    assert not left._alone.children[0].is_alive
    server.stop()


@pytest.mark.parametrize(
    ("harm", "least"),
    [
        (lambda path: os.truncate(path, path.stat().st_size - 7), MESSAGES - 1),
        (lambda path: path.write_bytes(path.read_bytes() + b"\0" * 500), MESSAGES),
        (lambda path: path.write_bytes(path.read_bytes() + b"garbage"), MESSAGES),
        (lambda path: path.write_bytes(b"\xffgarbage from its first byte on"), 0),
        (lambda path: path.write_bytes(b""), 0),
    ],
    ids=["cut off", "zeros", "garbage at the end", "garbage", "empty"],
)
def test_a_broken_file_is_mended_up_to_the_fault(killed, harm, least):
    harm(incr(killed))

    server, _ = start(killed)

    assert count(server) == least
    server.stop()


def test_what_is_cut_off_is_told_and_kept(killed):
    whole = incr(killed).read_bytes() + b"garbage"
    incr(killed).write_bytes(whole)

    server, said = start(killed)

    server.stop()
    assert "is cut off. What was queued in it is sent again" in said[0]
    [copy] = (killed / "appendonlydir").glob("*.unreadable")
    assert copy.read_bytes() == whole


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("*.manifest", b""),
        ("*.manifest", b"garbage"),
        ("*.manifest", b"\0" * 100),
        ("*.base.*", b"garbage"),
    ],
    ids=["no manifest", "garbage", "zeros", "garbage base"],
)
def test_files_past_mending_are_set_aside_with_a_sentence(killed, name, content):
    path = next((killed / "appendonlydir").glob(name))
    path.write_bytes(content)

    server, said = start(killed)

    assert count(server) == 0
    server.stop()
    assert "is sent again from the database" in said[-2]
    assert (killed / "appendonlydir.unreadable" / path.name).read_bytes() == content


def test_a_garbage_configuration_or_old_pid_file_is_of_no_account(killed):
    (killed / "valkey.conf").write_text("garbage")
    (killed / "pid.json").write_text("[1")

    server, said = start(killed)

    assert (count(server), said) == (MESSAGES, [])
    server.stop()
