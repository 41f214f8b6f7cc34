"""The broker is gone, or stopped: no request breaks or waits, and pages say it."""

from __future__ import annotations

import time

import pytest

from annotator.domain.roles import Role
from annotator.models import Batch
from tests import factories, world
from tests.web_process import token

pytestmark = pytest.mark.process

SOON = 1.5
"""One try, and the rest of the page."""
FILE = ("a.json", b'[{"instruction": "Name a sea.", "output": "The North Sea."}]')
SAID = "The message broker cannot be reached"


@pytest.fixture
def ada(web):
    return web.visit(factories.make_member(factories.make_project(), Role.ADMIN, "ada"))


def upload(client):
    """An import: it is followed by a hint to the workers."""
    began = time.monotonic()
    answer = client.post("/p/demo/batches/", data=token(client), files={"file": FILE})
    return answer.status_code, time.monotonic() - began


@pytest.mark.timed
@pytest.mark.parametrize("fault", ["shut", "silence"])
def test_a_hint_that_cannot_be_sent_breaks_and_delays_nothing(web, ada, fault):
    upload(ada)
    getattr(web.broker, fault)()

    answers = [upload(ada) for _ in range(4)]

    assert {status for status, _ in answers} == {302}
    assert max(seconds for _, seconds in answers) < SOON
    assert Batch.objects.count() == 5


@pytest.mark.parametrize("fault", ["shut", "silence"])
def test_pages_say_it_and_stop_when_it_is_back(web, ada, fault):
    before = ada.get("/p/demo/").text
    getattr(web.broker, fault)()

    world.wait_for(lambda: SAID in ada.get("/p/demo/").text, 5)
    desk = ada.get("/p/demo/review/").text
    web.broker.open()
    world.wait_for(lambda: SAID not in ada.get("/p/demo/").text, 5)

    assert SAID not in before
    assert SAID in desk
    assert "./coachlm up" in desk


def test_the_log_says_it_once(web, ada):
    web.broker.shut()

    for _ in range(4):
        upload(ada)
    web.log.flush()

    log = (web.folder / "web.log").read_text()
    assert log.count("The message broker is gone") == 1
    assert "Traceback" not in log
