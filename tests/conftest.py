"""Fixtures that every folder shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection, connections
from django.test import TransactionTestCase
from django.utils import translation

from tests import emptying


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings) -> None:
    """No test writes into the product's folders, or counts on from another one."""
    settings.COACH_STORE = str(tmp_path / "coaches")
    settings.RUNS_FOLDER = str(tmp_path / "runs")
    settings.UPLOADS = str(tmp_path / "uploads")
    settings.INBOX = str(tmp_path / "inbox")
    settings.EXPORTS = str(tmp_path / "exports")
    settings.DATASET_REPORTS = str(tmp_path / "dataset-reports")
    caches["process"].clear()


@pytest.fixture(autouse=True)
def every_draft_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fake engine writes is none of the drafts that the shipped coach's
    estimate knows: it would hold back some of them."""
    monkeypatch.setattr(
        "training.services.estimating.NAME", "help_estimate_of_no_coach.json"
    )


@pytest.fixture(autouse=True)
def no_language() -> None:
    """None that the page of a test before it was read in."""
    translation.deactivate()


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
