"""`./coachlm doctor`: check what the product stands on, and say how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import django
import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from annotator.config import families, packages, ports, running
from annotator.config.celery import app
from annotator.config.door import Door
from annotator.config.embedded import valkey
from annotator.config.embedded.queue_file import QueueFile
from annotator.config.env import refusing
from annotator.config.places import VAR
from annotator.config.processes import QUEUES
from annotator.config.running import RunningPart
from annotator.config.weights import is_whole
from revision_engine import base_models
from revision_engine.adapters import AdapterUnusable, verified_folder
from revision_engine.backends import local
from training.installation import State

LEAST_FREE_GB = 2.0
LOCAL = "revision_engine.backends.local.LocalBackend"
UP = "start ./coachlm up in another terminal"


class Ill(Exception):
    """What is wrong and what to do, in one sentence."""


def up() -> str:
    """Whether `./coachlm up` runs in this folder, and all that it keeps running."""
    state = running.read()
    if state is None:
        return _without_up()
    down = [part for part in state.parts if part.lost_at]
    if down:
        raise Ill("; ".join(map(_fate, down)))
    return f"running as process {state.pid}, with {len(state.parts)} parts"


def _without_up() -> str:
    orphans = len(families.marked(VAR))
    if orphans:
        raise Ill(
            f"it was killed, and {orphans} of its processes go on without it: {UP}; it "
            f"ends them first"
        )
    if os.environ.get("DATABASE_URL") and os.environ.get("CELERY_BROKER_URL"):
        return "not running here; DATABASE_URL and CELERY_BROKER_URL are set"
    raise Ill(f"it is not running: {UP}")


def _fate(part: RunningPart) -> str:
    """Of a part that a running `up` has lost: there is nothing to start by hand."""
    words = f", which said {part.last_words!r}" if part.last_words else ""
    return (
        f"{part.name} is down since {running.since(part.lost_at)}{words}; the running "
        f"./coachlm up starts it again by itself as soon as it can, so mend what it "
        f"says there or in its log"
    )


def _mend(name: str, setting: str) -> str:
    """The way to mend a part that does not answer, as things stand now."""
    if setting and os.environ.get(setting):
        return f"start that server, or mend {setting}"
    state = running.read()
    if state is None:
        return UP
    part = state.part(name)
    if part and part.lost_at:
        return _fate(part)
    return (
        f"the running ./coachlm up holds {name} for alive: ask again in a minute, and "
        f"if it still does not answer, stop ./coachlm up with Ctrl-C and start it again"
    )


def pages() -> str:
    """Whether a page comes, or could be at the port that `up` would take."""
    state = running.read()
    if state:
        door = Door(state.host, state.port, is_asked_for=True)
        if not door.answers():
            raise Ill(f"{door.address} does not answer: {_mend('web', '')}")
        return door.address
    door = Door.from_environment()
    if ports.is_free(door.host, door.port):
        return f"port {door.port} is free"
    owner = ports.owner(door.port)
    if door.is_asked_for:
        raise Ill(f"{owner} has port {door.port}: end it, or set COACHLM_PORT")
    return f"port {door.port} is taken by {owner}: ./coachlm up will take the next"


def database() -> str:
    if not settings.DATABASE_URL:
        raise Ill(f"there is none: {UP}, or set DATABASE_URL")
    if fault := _database_fault():
        raise Ill(f"{fault}: {_mend('postgres', 'DATABASE_URL')}")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


@cache
def _database_fault() -> str:
    """Why the database cannot be used; asked once and directly, since Django's pool
    tries for long before it says so."""
    try:
        psycopg.connect(settings.DATABASE_URL, connect_timeout=3).close()
    except psycopg.Error as error:
        return _first_line(error)
    return ""


def _require_database() -> None:
    if not settings.DATABASE_URL or _database_fault():
        raise Ill("cannot be read without the database")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def migrations() -> str:
    _require_database()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Ill(f"{len(waiting)} are waiting: run ./coachlm migrate")
    return "all applied"


def broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("memory"):
        raise Ill(f"there is none: {UP}, or set CELERY_BROKER_URL")
    try:
        with app.connection_for_read() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except Exception as error:
        mend = _mend("valkey", "CELERY_BROKER_URL")
        raise Ill(f"{_first_line(error)}: {mend}") from None
    return str(settings.CELERY_BROKER_URL).split("@")[-1]


def queue_file() -> str:
    """Valkey's append-only file: a running server is asked, else the file is read."""
    if os.environ.get("CELERY_BROKER_URL"):
        return "kept by the server that CELERY_BROKER_URL names"
    state = running.read()
    part = state.part("valkey") if state else None
    if part and part.is_up:
        return _asked()
    if QueueFile(VAR / "valkey", valkey.binary()).faults():
        raise Ill(
            "its end is unreadable: ./coachlm up cuts that off when it starts Valkey, "
            "and what was queued is sent again from the database"
        )
    return "readable"


def _asked() -> str:
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=3) as one:
            told = one.info("persistence")
    except redis.exceptions.RedisError as error:
        raise Ill(f"Valkey cannot be asked: {_first_line(error)}") from None
    if told.get("aof_last_write_status") != "ok":
        raise Ill("Valkey cannot write it: make room on the disk; it then goes on")
    return "being written"


def workers() -> str:
    try:
        answers = app.control.inspect(timeout=2).active_queues() or {}
    except Exception:
        raise Ill("cannot be asked without the broker") from None
    served = {queue["name"] for queues in answers.values() for queue in queues}
    from annotator.selectors import installation

    waiting = installation.held()
    missing = [name for name in QUEUES if name not in {*served, *waiting}]
    if missing:
        raise Ill("; ".join(map(_absence, missing)))
    words = f"; {', '.join(waiting)} when its packages are here" if waiting else ""
    return ", ".join(sorted(served)) + words


def training() -> str:
    """Whether what training needs is here, or how far `up` is with it."""
    from training import selectors

    told = selectors.installation()
    if told and told.state == State.INSTALLING:
        return f"being installed, {told.minutes} min so far: {told.doing or 'begun'}"
    if told and told.state == State.FAILED:
        raise Ill(
            f"could not be installed: {told.problem}: see to that; ./coachlm up tries "
            f"again, and ./coachlm install does it at once"
        )
    if missing := packages.lacking():
        return (
            f"not installed here ({', '.join(missing[:3])}): nothing can train on this "
            f"machine before ./coachlm install; the rest needs none of it"
        )
    return "installed"


def _absence(queue: str) -> str:
    """A solo worker answers only between batches, so it may be merely busy."""
    state = running.read()
    part = state.part(f"worker-{queue}") if state else None
    if part and part.lost_at:
        return _fate(part)
    if part:
        return f"{queue} runs and does not answer: wait, it may be at a batch"
    return f"none answers for {queue}: ./coachlm worker {queue} starts one, or wait"


def disk() -> str:
    places = {VAR, (VAR / "postgres").resolve()}
    places |= {Path(settings.COACH_STORE), Path(settings.RUNS_FOLDER)}
    free = {p: shutil.disk_usage(p).free / 1e9 for p in places if p.exists()}
    least = min(free, key=lambda place: free[place])
    if free[least] < LEAST_FREE_GB:
        raise Ill(
            f"only {free[least]:.1f} GB are free under {least}: make room; what had "
            f"stopped for that goes on by itself"
        )
    return f"{free[least]:.0f} GB free"


def model() -> str:
    name = settings.BASE_MODEL
    if name in base_models.PACKAGED:
        return _packaged(Path(settings.MODELS_FOLDER) / name)
    if os.sep in name and name.startswith((".", os.sep)) and not Path(name).exists():
        raise Ill(f"{name} does not exist: mend COACHLM_BASE_MODEL")
    return name


def _packaged(folder: Path) -> str:
    if not (folder / "config.json").exists():
        raise Ill(f"{folder.name} is not prepared: run ./coachlm up once")
    for weights in folder.glob("*.safetensors"):
        if not is_whole(weights):
            raise Ill(
                f"{weights} is cut off: delete the folder {folder}; the engine or "
                f"./coachlm up makes it anew"
            )
    return folder.name


def engine() -> str:
    if settings.REVISION_BACKEND != LOCAL:
        return str(settings.REVISION_BACKEND)
    if why := local.unfit_machine():
        return f"transformers, since {why}"
    bases = [settings.BASE_MODEL, *settings.BASE_MODELS]
    unfit = {base: why for base in bases if (why := local.unfit_base(base))}
    slow = "".join(f"; {base} by transformers: {why}" for base, why in unfit.items())
    return f"OpenVINO{slow}".rstrip(".")


def adapters() -> str:
    from training.models import ActiveCoach

    _require_database()
    try:
        active = [row.coach for row in ActiveCoach.objects.select_related("coach")]
    except DatabaseError:
        raise Ill("cannot be read before the migrations are applied") from None
    for coach in active:
        try:
            verified_folder(
                Path(settings.COACH_STORE), coach.adapter, coach.adapter_sha256
            )
        except AdapterUnusable as error:
            raise Ill(f"{coach} of {coach.scope}: {error}") from None
    return f"{len(active)} active, digests right"


CHECKS: dict[str, Callable[[], str]] = {
    "./coachlm up": up,
    "pages": pages,
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "queue file": queue_file,
    "workers": workers,
    "training": training,
    "disk": disk,
    "base model": model,
    "engine": engine,
    "coaches": adapters,
}


def main() -> int:
    """Print a line a check; 1 if any failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    django.setup()
    healthy = True
    for name, check in CHECKS.items():
        try:
            print(f"  ok    {name}: {check()}")
        except Ill as ill:
            healthy = False
            print(f"  FAIL  {name}: {ill}.")
    return 0 if healthy else 1


if __name__ == "__main__":
    with refusing():
        sys.exit(main())
