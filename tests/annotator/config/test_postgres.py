"""The embedded PostgreSQL comes back with its data, whatever was killed or cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from annotator.config import families
from annotator.config.children import CannotStart, Child
from annotator.config.embedded import EmbeddedPostgres, reach
from annotator.config.embedded.cluster import Cluster
from annotator.config.embedded.postgres import SHUTDOWN_SECONDS
from annotator.config.places import BASE
from annotator.config.supervisor import Supervisor
from tests.annotator.config.parts import until

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A cluster with one row, made once: initdb takes seconds."""
    with tempfile.TemporaryDirectory(prefix="coachlm-cluster-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's own user walks through
        server = EmbeddedPostgres(folder / "postgres")
        with psycopg.connect(server.start()) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('kept')")
        server.stop()
        yield folder / "postgres"


def kept(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT word FROM kept").fetchone()[0]


def start(folder: Path) -> tuple[EmbeddedPostgres, list[str]]:
    """The server, and what was told while it started."""
    server, said = EmbeddedPostgres(folder), []
    server._alone = Supervisor(say=said.append)
    server._alone.start_ground([Child(server.program())])
    return server, said


def test_killed_it_comes_back_on_its_port_with_its_data(made):
    server, said = start(made)
    supervisor = server._alone
    [child] = supervisor.children

    session = psycopg.connect(server.url)

    os.kill(child.process.pid, signal.SIGKILL)

    until(supervisor, lambda: len(said) == 2)
    assert "postgres is back" in said[1]
    assert kept(server.url) == "kept"
    session.close()
    server.stop()


def test_a_session_that_outlives_its_server_is_ended(made):
    server, said = start(made)
    supervisor = server._alone
    [child] = supervisor.children
    session = psycopg.connect(server.url)
    backend = psutil.Process(session.info.backend_pid)
    backend.suspend()  # it cannot notice that its server is dead

    os.kill(child.process.pid, signal.SIGKILL)

    until(supervisor, lambda: len(said) == 2)
    assert not backend.is_running() or backend.status() == psutil.STATUS_ZOMBIE
    assert kept(server.url) == "kept"
    session.close()
    server.stop()


def test_a_server_whose_up_was_killed_is_ended_first(made):
    left, _ = start(made)

    server, _ = start(made)

    assert not left._alone.children[0].is_alive
    assert kept(server.url) == "kept"
    server.stop()


NEGLECTS = """
import sys, time
from pathlib import Path
from annotator.config.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server._alone.children[0].process.pid, flush=True)
time.sleep(600)
"""
"""A parent that never looks after its dead children, so that they stay zombies."""


@pytest.fixture
def neglected(made) -> Iterator[psutil.Process]:
    """A server whose parent neglects it."""
    command = [sys.executable, "-c", NEGLECTS, str(made)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=BASE)
    yield psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()


def test_a_zombie_that_the_pid_file_names_is_in_nobodys_way(made, neglected):
    neglected.kill()
    until(Supervisor(), lambda: neglected.status() == psutil.STATUS_ZOMBIE)
    written = (made / "cluster" / "postmaster.pid").read_text()

    server, _ = start(made)

    assert written.startswith(f"{neglected.pid}\n")
    assert neglected.status() == psutil.STATUS_ZOMBIE
    assert kept(server.url) == "kept"
    server.stop()


def test_a_server_that_ends_as_a_zombie_is_not_waited_for(made, neglected):
    began = time.monotonic()

    server, _ = start(made)

    assert time.monotonic() - began < SHUTDOWN_SECONDS / 2
    assert neglected.status() == psutil.STATUS_ZOMBIE
    assert kept(server.url) == "kept"
    server.stop()


@pytest.mark.parametrize(
    "content",
    ["", "1\n", "garbage \0 \n", str(os.getpid())],
    ids=["empty", "of another", "garbage", "ours"],
)
def test_a_pid_file_that_lies_hits_nobody(made, content):
    (made / "cluster" / "postmaster.pid").write_text(content)

    server, _ = start(made)

    assert kept(server.url) == "kept"
    server.stop()


@pytest.mark.parametrize(
    "content", ["", "cut", "a-password-of-the-right-length-but-wrong"]
)
def test_a_lost_password_is_replaced(made, content):
    (made / "password").write_text(content)

    server, said = start(made)

    assert kept(server.url) == "kept"
    assert any("PostgreSQL has a new password" in sentence for sentence in said)
    server.stop()
    again, said = start(made)
    assert (kept(again.url), said) == ("kept", [])
    again.stop()


@pytest.mark.parametrize("content", [None, "", "\0\0\0"])
def test_a_cluster_that_lost_its_version_is_never_made_anew(made, content):
    path = made / "cluster" / "PG_VERSION"
    path.unlink()
    if content is not None:
        path.write_text(content)

    server, said = start(made)

    assert kept(server.url) == "kept"
    assert "PG_VERSION was lost" in said[0]
    server.stop()


def test_a_cluster_past_mending_is_refused_and_left_alone(tmp_path):
    control = tmp_path / "cluster" / "global" / "pg_control"
    control.parent.mkdir(parents=True)
    (tmp_path / "cluster" / "base").mkdir()
    control.touch()

    with pytest.raises(CannotStart, match="backup"):
        Cluster(tmp_path, tmp_path, None).make("password")

    assert control.exists()


def test_a_cluster_out_of_reach_is_refused_and_none_made_beside_it(tmp_path):
    (tmp_path / "cluster").mkdir()

    with pytest.raises(CannotStart, match="chmod"):
        reach.within_reach(tmp_path, reach.NOBODY)


def test_only_processes_of_this_folder_are_its_servers(made):
    server, _ = start(made)

    assert families.servers("postgres", made / "cluster")
    assert families.servers("postgres", made) == []
    server.stop()
    assert families.servers("postgres", made / "cluster") == []
