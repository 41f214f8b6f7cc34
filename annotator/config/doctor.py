"""`./coachlm doctor`: check what the product stands on, and say how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from annotator.config.celery import app
from annotator.config.places import VAR
from annotator.config.processes import QUEUES
from revision_engine import base_models
from revision_engine.adapters import AdapterUnusable, verified_folder

LEAST_FREE_GB = 2.0
UP = "start ./coachlm up in another terminal"


class Ill(Exception):
    """What is wrong and what to do, in one sentence."""


def database() -> str:
    if not settings.DATABASE_URL:
        raise Ill(f"there is none: {UP}, or set DATABASE_URL")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0]}"
    except DatabaseError as error:
        raise Ill(f"{str(error).splitlines()[0]}: {UP}, or mend DATABASE_URL") from None


def migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        raise Ill("cannot be read without the database") from None
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Ill(f"{len(waiting)} are waiting: run ./coachlm migrate")
    return "all applied"


def broker() -> str:
    try:
        with app.connection_for_read() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except Exception as error:
        raise Ill(f"{error}: {UP}, or mend CELERY_BROKER_URL") from None
    return str(settings.CELERY_BROKER_URL).split("@")[-1]


def workers() -> str:
    try:
        answers = app.control.inspect(timeout=2).active_queues() or {}
    except Exception:
        raise Ill("cannot be asked without the broker") from None
    served = {queue["name"] for queues in answers.values() for queue in queues}
    # A solo worker answers only between batches, so the engine may be merely busy.
    missing = [name for name in QUEUES if name not in served]
    if missing:
        raise Ill(
            f"none answers for {', '.join(missing)}: start "
            f"{' and '.join(f'./coachlm worker {name}' for name in missing)}, or wait "
            f"if the engine is at a batch"
        )
    return ", ".join(sorted(served))


def disk() -> str:
    free = shutil.disk_usage(VAR).free / 1e9
    if free < LEAST_FREE_GB:
        raise Ill(f"only {free:.1f} GB are free under {VAR.name}/: make room")
    return f"{free:.0f} GB free"


def model() -> str:
    name = settings.BASE_MODEL
    if name in base_models.PACKAGED:
        folder = Path(settings.MODELS_FOLDER) / name
        if not (folder / "config.json").exists():
            raise Ill(f"{name} is not prepared: run ./coachlm up once")
        return name
    if os.sep in name and name.startswith((".", os.sep)) and not Path(name).exists():
        raise Ill(f"{name} does not exist: mend COACHLM_BASE_MODEL")
    return name


def adapters() -> str:
    from training.models import ActiveCoach

    try:
        active = [row.coach for row in ActiveCoach.objects.select_related("coach")]
    except DatabaseError:
        raise Ill("cannot be read without the database") from None
    for coach in active:
        try:
            verified_folder(
                Path(settings.COACH_STORE), coach.adapter, coach.adapter_sha256
            )
        except AdapterUnusable as error:
            raise Ill(f"{coach} of {coach.scope}: {error}") from None
    return f"{len(active)} active, digests right"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "workers": workers,
    "disk": disk,
    "base model": model,
    "coaches": adapters,
}


def main() -> int:
    """Print a line a check; 1 if any failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    VAR.mkdir(parents=True, exist_ok=True)
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
    sys.exit(main())
