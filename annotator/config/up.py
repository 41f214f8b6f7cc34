"""`./coachlm up`: the whole product on this machine, from nothing to a login page."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from annotator.config import processes
from annotator.config.embedded import (
    CannotStart,
    EmbeddedPostgres,
    EmbeddedValkey,
    free_port,
)
from annotator.config.places import EMBEDDED, LOGS, VAR, write_private
from annotator.config.supervisor import Child, Supervisor
from revision_engine import base_models

HOST = os.environ.get("COACHLM_HOST") or "127.0.0.1"
WEB_SECONDS = 60


def main() -> int:
    """Run until Ctrl-C or SIGTERM; 1 if something vital cannot run."""
    VAR.mkdir(parents=True, exist_ok=True)
    lock = _only_one()
    if lock is None:
        print("CoachLM is running in this folder already: stop it with Ctrl-C there.")
        return 1
    supervisor = Supervisor(LOGS, [], processes.environment())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _ask_to_stop(supervisor))
    servers: list[EmbeddedPostgres | EmbeddedValkey] = []
    try:
        return _run(supervisor, servers)
    except CannotStart as error:
        print(f"CoachLM cannot start. {error}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        print("Stopping …", flush=True)
        supervisor.stop()
        for server in servers:
            server.stop()
        EMBEDDED.unlink(missing_ok=True)
        print("Stopped.", flush=True)


def _ask_to_stop(supervisor: Supervisor) -> None:
    """Before the children run, a signal interrupts what is being prepared."""
    if not supervisor.children and not supervisor.stopping:
        supervisor.stopping = True
        raise KeyboardInterrupt
    supervisor.stopping = True


def _only_one() -> IO[str] | None:
    """Hold a lock for as long as this process lives; None if another has it."""
    lock = (VAR / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return lock


def _run(
    supervisor: Supervisor, servers: list[EmbeddedPostgres | EmbeddedValkey]
) -> int:
    supervisor.logs.mkdir(parents=True, exist_ok=True)
    supervisor.end_leftovers()
    model = _prepare_model()
    _start_servers(servers, supervisor.env)
    _prepare_database()
    _wait_for_model(model)
    port = free_port(int(os.environ.get("COACHLM_PORT") or 8000))
    supervisor.children = _children(port)
    supervisor.start()
    if not _web_answers(supervisor, port):
        return 0 if supervisor.stopping else 1
    _announce(port)
    return 0 if supervisor.watch() else 1


def _prepare_model() -> subprocess.Popen[bytes] | None:
    """Begin to dequantise the packaged model while the servers come up."""
    name = os.environ.get("COACHLM_BASE_MODEL") or base_models.DEFAULT
    folder = base_models.cache_folder() / name
    if name not in base_models.PACKAGED or (folder / "config.json").exists():
        return None
    print(f"Preparing the base model {name} (once, about 20 s) …", flush=True)
    with (LOGS / "model.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "revision_engine.base_models", name],
            stdout=log,
            stderr=log,
        )


def _wait_for_model(model: subprocess.Popen[bytes] | None) -> None:
    if model and model.wait():
        last = (LOGS / "model.log").read_text().strip().splitlines()[-1:]
        print(f"The base model could not be prepared: {''.join(last)}")


def _start_servers(
    servers: list[EmbeddedPostgres | EmbeddedValkey], env: dict[str, str]
) -> None:
    """Start what DATABASE_URL and CELERY_BROKER_URL do not name, side by side."""
    wanted: dict[str, EmbeddedPostgres | EmbeddedValkey] = {}
    if not os.environ.get("DATABASE_URL"):
        wanted["DATABASE_URL"] = EmbeddedPostgres(VAR / "postgres")
    if not os.environ.get("CELERY_BROKER_URL"):
        wanted["CELERY_BROKER_URL"] = EmbeddedValkey(VAR / "valkey")
    servers += wanted.values()
    starts: list[Callable[[], str]] = [server.start for server in wanted.values()]
    with ThreadPoolExecutor() as pool:
        urls = dict(zip(wanted, pool.map(lambda start: start(), starts), strict=True))
    write_private(EMBEDDED, json.dumps(urls))
    os.environ.update(urls)
    env.update(urls)


def _prepare_database() -> None:
    """Bring the tables up to date, and the demo into an empty installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError, connections

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"The database does not answer: {reason}") from None
    if settings.DEMO:
        call_command("load_demo")
    connections.close_all()


def _children(port: int) -> list[Child]:
    look = f"The whole log is in {LOGS.name}/ under {VAR}."
    workers = [
        Child(f"worker-{queue}", processes.worker(queue), look)
        for queue in processes.QUEUES
    ]
    web = Child("web", processes.web(HOST, port), look, is_vital=True)
    return [web, *workers, Child("beat", processes.beat(), look)]


def _web_answers(supervisor: Supervisor, port: int) -> bool:
    limit = time.monotonic() + WEB_SECONDS
    while time.monotonic() < limit and not supervisor.stopping:
        if not supervisor.watch_once():
            return False
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=2)
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _announce(port: int) -> None:
    from annotator.models import User
    from annotator.services.demo import PEOPLE, password_of

    print(f"\nCoachLM is ready: http://{HOST}:{port}/\n")
    known = set(User.objects.values_list("username", flat=True))
    for name, role in PEOPLE.items():
        if name in known:
            print(f"  {role:<10} {name:<5} {password_of(name)}")
    print("\nStop with Ctrl-C.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
