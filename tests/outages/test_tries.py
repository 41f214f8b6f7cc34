"""Wrong tries are counted for all web processes together, and outlive them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests import factories
from tests.web_process import Web, token

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start(tmp_path: Path, transactional_db):
    """Starts web processes, each with a folder of its own."""
    running: list[Web] = []

    def start() -> Web:
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Web(folder))
        return running[-1]

    yield start
    for each in running:
        each.end()


def sign_in(visitor: httpx.Client, password: str) -> httpx.Response:
    given = {"username": "anna", "password": password}
    return visitor.post("/login/", data=given | token(visitor))


def test_two_processes_give_no_more_tries_than_one_and_a_restart_no_new_ones(start):
    factories.make_member(factories.make_project(), "annotator", "anna")
    visitors = [start().visit(), start().visit()]

    statuses = [sign_in(visitors[n % 2], "guessed").status_code for n in range(8)]
    right = [sign_in(each, factories.PASSWORD) for each in visitors]
    restarted = sign_in(start().visit(), factories.PASSWORD)

    assert statuses == [200] * 5 + [429] * 3
    assert [answer.status_code for answer in right] == [429, 429]
    assert restarted.status_code == 429
    assert 200 < int(restarted.headers["Retry-After"]) <= 300
