"""What must be so before Django reads its settings, and what holds for a whole run.

pytest loads this by `-p` (see pyproject.toml): a conftest would come too late.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import slow_tests

os.environ.setdefault("ENGINE_CACHE_MB", "256")
# With the default a tiny model's cache reserves 16 GB of addresses, if no memory, and a
# process that has reserved more than there is cannot fork a server of another user.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Of several processes this one: gw0, gw1 and so on; its database has that name."""
DATABASES = 16
"""How many numbered ones a Valkey has."""
SLOW = ("flow", "browser", "model", "process", "chance")
"""Tiers, the slowest first; a test without any of these marks is quick."""
QUICK = f"not ({' or '.join(SLOW)})"
"""What `./coachlm test quick` asks of the marks."""
WHOLLY_SLOW = re.compile(rf"^pytestmark = .*mark\.({'|'.join(SLOW)})\b", re.MULTILINE)


def live_apart(worker: str, env: dict[str, str] | os._Environ[str]) -> None:
    """Give one of several processes a broker and a folder that no other one uses."""
    number = int(worker.removeprefix("gw")) % DATABASES
    if broker := env.get("CELERY_BROKER_URL"):
        env["CELERY_BROKER_URL"] = urlsplit(broker)._replace(path=f"/{number}").geturl()
    if folder := env.get("COACHLM_VAR"):
        own = Path(folder) / worker
        own.mkdir(parents=True, exist_ok=True)
        env["COACHLM_VAR"] = str(own)


if WORKER:
    live_apart(WORKER, os.environ)


def pytest_addoption(parser: pytest.Parser) -> None:
    noted = "write down which tests take longer than a quick run allows"
    parser.addoption("--note-slow", action="store_true", help=noted)


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    if config.option.note_slow and not WORKER:
        config.pluginmanager.register(slow_tests.Noting(SLOW))

    # No test is about the strength of a hash, and each person here costs one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    settings.UNDO_SECONDS = 0  # quality control may begin at once
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    if template := os.environ.get("COACHLM_TEST_TEMPLATE"):
        settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of which a quick run would take nothing is not read: some load torch."""
    if config.option.markexpr != QUICK or collection_path.suffix != ".py":
        return None
    return True if WHOLLY_SLOW.search(collection_path.read_text()) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Begin with the files that take longest: they would be waited for at the end."""
    if config.option.markexpr == QUICK:
        items[:], slow = slow_tests.left_out(items)
        config.hook.pytest_deselected(items=slow)
    tiers = {mark: tier for tier, mark in enumerate(SLOW)}
    found: dict[Path, int] = {}
    for item in items:
        own = [tiers[mark.name] for mark in item.iter_markers() if mark.name in tiers]
        found[item.path] = min([*own, found.get(item.path, len(SLOW))])
    items.sort(key=lambda item: found[item.path])
