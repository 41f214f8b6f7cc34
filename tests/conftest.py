"""Fixtures that every folder shares."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings) -> None:
    """No test writes into the product's folders, and none loads the real model."""
    settings.COACH_STORE = str(tmp_path / "coaches")
    settings.RUNS_FOLDER = str(tmp_path / "runs")
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    }
