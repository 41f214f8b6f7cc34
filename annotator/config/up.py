"""`./coachlm up`: the whole product on this machine, from nothing to a login page."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from socket import socket
from typing import IO

from annotator.config import families, parts, running
from annotator.config.children import CannotStart, Child
from annotator.config.door import Door, choose
from annotator.config.embedded import EmbeddedPostgres, EmbeddedValkey
from annotator.config.env import EXIT_CODE, BadSetting, make_folder
from annotator.config.places import EMBEDDED, LOGS, VAR, write_private
from annotator.config.supervisor import Supervisor
from revision_engine import base_models

WEB_SECONDS = 120


def main() -> int:
    """Run until Ctrl-C or SIGTERM; 1 if it cannot start, 2 for a bad setting."""
    try:
        door = Door.from_environment()
        make_folder("COACHLM_VAR", VAR)
        lock = _only_one()
    except BadSetting as bad:
        say(f"CoachLM cannot start. {bad}")
        return EXIT_CODE
    if lock is None:
        say("CoachLM is running in this folder already: stop it with Ctrl-C there.")
        return 1
    supervisor = Supervisor(say=say)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _ask_to_stop(supervisor))
    try:
        return _guarded(supervisor, door)
    finally:
        say("Stopping …")
        supervisor.stop()
        for path in (EMBEDDED, running.STATE):
            path.unlink(missing_ok=True)
        say("Stopped.")


def _guarded(supervisor: Supervisor, door: Door) -> int:
    try:
        _run(supervisor, door)
    except KeyboardInterrupt:
        return 0
    except BadSetting as bad:
        say(f"CoachLM cannot start. {bad}")
        return EXIT_CODE
    except CannotStart as error:
        say(f"CoachLM cannot start. {error}")
        return 1
    except OSError as error:  # a full disk, a folder of somebody else
        place = f": {error.filename}" if error.filename else ""
        say(f"CoachLM cannot go on under {VAR}. {error.strerror or error}{place}.")
        return 1
    return 0


def say(sentence: str) -> None:
    """To the terminal, as long as there is one: its end must not leave orphans."""
    with suppress(OSError, ValueError):
        print(sentence, flush=True)


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


def _run(supervisor: Supervisor, door: Door) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    _clear_up()
    door = choose(door, say)
    with door.listen() as listener:
        _serve(supervisor, door, listener)


def _serve(supervisor: Supervisor, door: Door, listener: socket) -> None:
    """All that runs behind the door. What is asked while no web process lives, now or
    after it was killed, waits on the door's socket, and is then answered."""
    supervisor.changed = lambda children: running.write(door.host, door.port, children)
    servers = _servers()
    urls = {name: server.url for name, server in servers.items()}
    _read_settings(urls)
    model = _prepare_model()
    supervisor.start_ground([Child(server.program()) for server in servers.values()])
    write_private(EMBEDDED, json.dumps(urls))
    if not supervisor.stopping:
        people = _prepare_database()
        _wait_for_model(model)
    if not supervisor.stopping:
        _open(supervisor, door, listener, people)
    supervisor.watch()


def _clear_up() -> None:
    """End what outlived a killed `up`, and drop what it had half written."""
    families.end(families.marked(VAR))
    for part in VAR.glob("*.part"):
        if part.is_file():
            part.unlink()


def _servers() -> dict[str, EmbeddedPostgres | EmbeddedValkey]:
    """What DATABASE_URL and CELERY_BROKER_URL do not name, we run ourselves."""
    wanted: dict[str, EmbeddedPostgres | EmbeddedValkey] = {}
    if not os.environ.get("DATABASE_URL"):
        wanted["DATABASE_URL"] = EmbeddedPostgres(VAR / "postgres")
    if not os.environ.get("CELERY_BROKER_URL"):
        wanted["CELERY_BROKER_URL"] = EmbeddedValkey(VAR / "valkey")
    return wanted


def _read_settings(urls: dict[str, str]) -> None:
    """Before anything starts, so that a bad one refuses at once."""
    os.environ.update(urls)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    import django

    django.setup()


def _prepare_model() -> subprocess.Popen[bytes] | None:
    """Begin to dequantise the packaged model while the servers come up."""
    from django.conf import settings

    name = settings.BASE_MODEL
    folder = base_models.cache_folder() / name
    if name not in base_models.PACKAGED or (folder / "config.json").exists():
        return None
    say(f"Preparing the base model {name} (once, about 20 s) …")
    with (LOGS / "model.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "revision_engine.base_models", name],
            stdout=log,
            stderr=log,
            env=parts.environment(),
        )


def _wait_for_model(model: subprocess.Popen[bytes] | None) -> None:
    if model and model.wait():
        log = (LOGS / "model.log").read_text(errors="replace")
        last = log.strip().splitlines()[-1:]
        say(f"The base model could not be prepared: {''.join(last)}")


def _prepare_database() -> list[str]:
    """Bring the tables up to date, and the demo into an empty installation.

    Who may sign in there, in lines: asked now, since the database may be gone later.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.db import InterfaceError, OperationalError, connections

    try:
        call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMO:
            call_command("load_demo")
        people = _people()
    except (OperationalError, InterfaceError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"The database does not answer: {reason}") from None
    connections.close_all()
    return people


def _people() -> list[str]:
    from annotator.models import User
    from annotator.services.demo import PEOPLE, password_of

    known = set(User.objects.values_list("username", flat=True))
    return [
        f"  {role:<10} {name:<5} {password_of(name)}"
        for name, role in PEOPLE.items()
        if name in known
    ]


def _open(
    supervisor: Supervisor, door: Door, listener: socket, people: list[str]
) -> None:
    """Start the rest, and say where it is once a page works."""
    web, *others = parts.children(door, listener.fileno())
    supervisor.start([web, *others])
    limit = time.monotonic() + WEB_SECONDS
    while not web.is_up and not supervisor.stopping:
        if web.is_told or time.monotonic() > limit:
            raise CannotStart(f"web: {web.last_words or 'no page comes'}.")
        supervisor.watch_once()
        time.sleep(0.05)
    if web.is_up:
        lines = ["", f"CoachLM is ready: {door.address}/", "", *people]
        say("\n".join([*lines, "", "Stop with Ctrl-C."]))


if __name__ == "__main__":
    sys.exit(main())
