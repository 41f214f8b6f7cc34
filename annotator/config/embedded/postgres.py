"""One PostgreSQL cluster in one folder."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from annotator.config import families, ports
from annotator.config.children import CannotStart, MustStartAgain, Program
from annotator.config.embedded.alone import StartsAlone
from annotator.config.embedded.cluster import Cluster
from annotator.config.embedded.reach import NOBODY, within_reach
from annotator.config.places import read_secret

ENV = {"PATH": os.defpath, "LC_ALL": "C"}
LEAST_PASSWORD = 32
SHUTDOWN_SECONDS = 30.0
MOST_BUFFERS_MB = 512
LEAST_BUFFERS_MB = 128
ORPHANS_SECONDS = 3.0
"""Sessions of a dead server notice that by themselves."""


class EmbeddedPostgres(StartsAlone):
    """A server that keeps its port, password and data for as long as this object."""

    def __init__(self, folder: Path) -> None:
        self.user = NOBODY if os.geteuid() == 0 else None
        self.folder, binaries = within_reach(folder, self.user)
        self.cluster = Cluster(self.folder, binaries, self.user)
        self.port = ports.for_a_server()
        kept = read_secret(self.folder / "password", LEAST_PASSWORD)
        self.password = kept or secrets.token_urlsafe(24)
        self.knows_password = bool(kept)
        self.server = (
            f"postgresql://coachlm:{quote(self.password)}@127.0.0.1:{self.port}"
        )
        self.url = f"{self.server}/coachlm"

    def program(self) -> Program:
        return Program(
            name="postgres",
            command=[
                self.cluster.binary("postgres"),
                *("-D", self.cluster.folder, "-p", str(self.port)),
                *("-h", "127.0.0.1", "-c", "unix_socket_directories="),
                *("-c", "max_connections=200"),
                *_sized(),
            ],
            log=self.folder / "postgres.log",
            mend=f"Its log is {self.folder / 'postgres.log'}.",
            env=ENV,
            user=self.user,
            folder=self.folder,
            prepare=self._prepare,
            is_ready=self._is_ready,
            stop_with=signal.SIGINT,  # fast shutdown: sessions end
            is_ground=True,
        )

    def _prepare(self, _: str) -> list[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        mended = self.cluster.make(self.password)
        if not self.cluster.is_new:
            self._end_leftovers()
        if not self.knows_password and not self.cluster.is_new:
            self.cluster.set_password(self.password)
            mended.append("PostgreSQL has a new password: the old one was lost.")
        self.knows_password = True
        return mended

    def _end_leftovers(self) -> None:
        """End whoever still lives in this cluster: a server whose `up` was killed, or
        sessions of a killed server, which keep its memory. Its pid file is then stale,
        whatever it says."""
        living = families.servers("postgres", self.cluster.folder)
        numbers = {process.pid for process in living}
        is_whole = any(_parent(process) in numbers for process in living)
        families.end(
            [process for process in living if _parent(process) not in numbers]
            if is_whole
            else living,
            ask_with=signal.SIGINT if is_whole else signal.SIGTERM,
            seconds=SHUTDOWN_SECONDS if is_whole else ORPHANS_SECONDS,
        )
        rest = families.servers("postgres", self.cluster.folder)
        families.end(rest, ask_with=signal.SIGQUIT, seconds=ORPHANS_SECONDS)
        (self.cluster.folder / "postmaster.pid").unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        try:
            address = f"{self.server}/postgres"
            with psycopg.connect(
                address, autocommit=True, connect_timeout=2
            ) as connection:
                _ensure_database(connection)
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                self.knows_password = False
                raise MustStartAgain("its password is not the one we wrote.") from None
            return False
        except psycopg.Error as error:
            raise CannotStart(str(error)) from None
        return True


def _sized() -> list[str]:
    """A sixteenth of the memory for pages, and room for the log of a large import.

    With PostgreSQL's own defaults the indexes of a million pairs are read from the disk
    again and again, and each page is written whole at every gigabyte of log."""
    share = psutil.virtual_memory().total // 16 // 1024**2
    buffers = max(LEAST_BUFFERS_MB, min(MOST_BUFFERS_MB, share))
    chosen = (
        f"shared_buffers={buffers}MB",
        "max_wal_size=4GB",
        "wal_compression=on",
    )
    return [part for each in chosen for part in ("-c", each)]


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0


def _ensure_database(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = 'coachlm'"
    ).fetchone()
    if not found:
        connection.execute("CREATE DATABASE coachlm")
