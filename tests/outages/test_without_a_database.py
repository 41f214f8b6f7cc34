"""The database is gone, or stopped: every page says so at once, and comes back."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from annotator.domain.roles import Role
from annotator.models import Project
from tests import factories, world
from tests.web_process import token

pytestmark = pytest.mark.process

AT_ONCE = 1.0
JSON = {"Accept": "application/json"}


def timed(client, path, **more) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = client.get(path, **more)
    return answer, time.monotonic() - began


@pytest.fixture
def anna(web):
    return web.visit(
        factories.make_member(factories.make_project(), Role.ADMIN, "anna")
    )


@pytest.mark.timed
@pytest.mark.parametrize("fault", ["shut", "silence"])
def test_every_page_says_what_is_wrong_within_a_second(web, anna, fault):
    for _ in range(3):  # fill the pool
        anna.get("/p/demo/")
    getattr(web.database, fault)()

    answers = [timed(anna, path) for path in ("/", "/p/demo/", "/p/demo/stats/")]

    for answer, seconds in answers:
        assert answer.status_code == 503
        assert "The database cannot be reached" in answer.text
        assert "is safe" in answer.text
        assert answer.headers["retry-after"] == "2"
        assert seconds < AT_ONCE
    assert min(seconds for _, seconds in answers) < AT_ONCE / 4  # known by now


@pytest.mark.parametrize("fault", ["shut", "silence"])
def test_it_comes_back_by_itself(web, anna, fault):
    getattr(web.database, fault)()
    gone = anna.get("/healthz")

    web.database.open()
    world.wait_for(lambda: anna.get("/healthz").status_code == 200, 5)

    assert gone.status_code == 503
    assert anna.get("/p/demo/").status_code == 200


def test_a_part_a_script_and_a_program_are_told_in_their_own_way(web, anna):
    web.database.shut()

    part = anna.get("/p/demo/", headers={"HX-Request": "true"})
    script = anna.get("/session/", headers=JSON)
    program = anna.get("/api/projects/demo/progress/")

    for answer in (part, script, program):
        assert answer.status_code == 503
        assert answer.json()["code"] == "no_database"
        assert answer.json()["since"]
        assert "is safe" in answer.json()["detail"]
        assert answer.headers["hx-reswap"] == "none"


def test_a_sign_in_meets_the_outage_and_no_shut_door(web):
    factories.make_member(factories.make_project(), Role.ANNOTATOR, "anna")
    stranger = web.visit()
    given = {"username": "anna", "password": factories.PASSWORD}
    web.database.shut()

    answers = [
        stranger.post("/login/", data=given | token(stranger)),
        stranger.post("/session/", data=given | token(stranger), headers=JSON),
        stranger.post("/api/token/", json=given),
    ]

    assert [answer.status_code for answer in answers] == [503] * 3


def test_the_page_speaks_the_persons_language(web, anna):
    web.database.shut()

    by_browser = anna.get("/", headers={"Accept-Language": "zh-CN"})
    anna.cookies["django_language"] = "en"
    by_choice = anna.get("/", headers={"Accept-Language": "zh-CN"})

    assert '<html lang="zh-hans"' in by_browser.text
    assert '<html lang="en"' in by_choice.text


def test_a_form_that_was_not_taken_comes_back_whole(web, anna):
    web.database.shut()
    words = "Long words of mine. " * 9

    answer = anna.post(
        "/p/new/", data={"name": "A & B", "description": words} | token(anna)
    )

    assert answer.status_code == 503
    assert 'name="name" value="A &amp; B"' in answer.text
    assert words in answer.text
    assert "Send it again" in answer.text


def test_one_dead_connection_costs_nobody_an_answer(web, anna):
    for _ in range(3):
        anna.get("/p/demo/")

    web.database.shut()
    web.database.open()
    answers = [anna.get("/p/demo/").status_code for _ in range(12)]

    assert answers == [200] * 12


@pytest.mark.timed
def test_a_query_under_way_does_not_hang_with_a_stopped_server(web, anna):
    project = Project.objects.get()
    factories.import_rows(project, factories.rows(3))
    seconds: list[float] = []

    def work():
        client = web.visit()
        client.cookies = anna.cookies
        until = time.monotonic() + 3
        while time.monotonic() < until:
            seconds.append(timed(client, "/p/demo/stats/")[1])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    web.database.silence()
    for thread in threads:
        thread.join(timeout=30)

    assert max(seconds) < 3 + 2 * AT_ONCE  # DATABASE_SILENT_SECONDS, and what is tried
    assert not any(thread.is_alive() for thread in threads)


def test_what_stands_still_needs_no_database(web, anna):
    web.database.shut()

    assert anna.get("/static/css/tokens.css").status_code == 200
