"""What a page is told when its person is signed out, and that work keeps them in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from annotator.web.signing_in import SLID
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def project():
    return factories.make_project()


@pytest.mark.parametrize("headers", [HTMX, JSON])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_script_is_told_and_not_sent_to_the_login_page(
    client, project, headers, method
):
    answer = getattr(client, method)("/p/demo/review/", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == "signed_out"
    assert answer["HX-Reswap"] == "none"


@pytest.mark.parametrize("headers", [HTMX, JSON])
def test_a_script_with_the_token_of_another_login_is_told(project, anna, headers):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)

    answer = client.post("/p/demo/review/preview/", {}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_a_page_still_goes_to_the_login_page(client, project):
    answer = client.get("/p/demo/review/")

    assert answer.status_code == 302
    assert answer.url == "/login/?next=/p/demo/review/"


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_plain_form_comes_back_with_all_that_was_sent(project, anna, signed_in):
    client = Client(enforce_csrf_checks=signed_in)
    if signed_in:
        client.force_login(anna)
    sent = {"response": "Typed <b>here</b>.\n  And here.", "reason": ["a", "b"]}

    answer = client.post("/p/demo/adjudication/1/", {**sent, "password": "hidden"})

    page = answer.content.decode()
    assert answer.status_code == (403 if signed_in else 401)
    assert "Typed &lt;b&gt;here&lt;/b&gt;.\n  And here." in page
    assert page.count('name="reason"') == 2
    assert 'action="/p/demo/adjudication/1/"' in page
    assert "hidden</textarea>" not in page
    assert 'value="hidden"' not in page


def test_the_page_asks_who_is_signed_in(client, anna):
    nobody = client.get("/session/", headers=JSON).json()
    client.force_login(anna)
    somebody = client.get("/session/", headers=JSON).json()

    assert (nobody["person"], somebody["person"]) == (None, anna.pk)
    assert somebody["name"] == "anna"
    assert somebody["csrf"]


def test_one_signs_in_without_leaving_the_page(client, anna):
    wrong = client.post("/session/", {"username": "anna", "password": "no"})
    right = client.post(
        "/session/", {"username": "anna", "password": factories.PASSWORD}
    )

    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    assert right.json()["person"] == anna.pk
    assert client.get("/p/demo/").status_code == 200


def slide(client, hours):
    session = client.session
    session[SLID] = (timezone.now() - timedelta(hours=hours)).timestamp()
    session.save()
    return session[SLID]


def test_a_session_runs_on_while_somebody_works(client, project, anna):
    client.force_login(anna)
    before = slide(client, 2)

    answer = client.get("/p/demo/")

    assert client.session[SLID] > before
    assert answer.cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_it_is_written_once_an_hour(client, project, anna):
    client.force_login(anna)
    before = slide(client, 0.5)

    client.get("/p/demo/")

    assert client.session[SLID] == before


@pytest.mark.parametrize(("active", "slides"), [("true", True), ("false", False)])
def test_a_page_that_lies_open_does_not_keep_one_signed_in(
    client, project, anna, active, slides
):
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    factories.draft_all(project)
    lease = factories.claim(project, anna)
    client.force_login(anna)
    before = slide(client, 2)

    client.post(f"/p/demo/review/{lease.token}/tick/", {"active": active})

    assert (client.session[SLID] > before) is slides
