"""A web process beside each test of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web_process import Web


@pytest.fixture
def web(transactional_db, tmp_path: Path) -> Iterator[Web]:
    running = Web(tmp_path)
    yield running
    running.end()
