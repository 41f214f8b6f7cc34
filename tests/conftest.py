"""Fixtures that every folder shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import emptying


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings) -> None:
    """No test writes into the product's folders, or counts on from another one."""
    settings.COACH_STORE = str(tmp_path / "coaches")
    settings.RUNS_FOLDER = str(tmp_path / "runs")
    settings.UPLOADS = str(tmp_path / "uploads")
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Threads of workers and live servers leave sessions behind: end them first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connections.close_all()
        connection.close_pool()
