"""One's own account: ways of the pages, sessions, token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from annotator.domain.roles import Role
from annotator.models import User
from tests import factories

pytestmark = pytest.mark.django_db
WAYS = {"full_name": "Anna Ek", "language": "", "time_zone": "", "theme": ""}


@pytest.fixture
def anna():
    return factories.make_member(factories.make_project(), Role.ANNOTATOR, "anna")


@pytest.fixture
def client(anna) -> Client:
    return signed_in()


def signed_in(agent: str = "Mozilla/5.0 (X11; Linux) Firefox/130.0") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/login/", {"username": "anna", "password": factories.PASSWORD})
    return client


def page(answer) -> str:
    return answer.content.decode()


def test_it_leads_to_what_one_is_told_of(client):
    assert 'href="/inbox/choices/"' in page(client.get("/me/"))


def test_name_and_ways_are_saved(client, anna):
    client.post("/me/", {**WAYS, "theme": "dark", "time_zone": "Asia/Tokyo"})

    saved = User.objects.get(pk=anna.pk)
    told = page(client.get("/me/"))
    assert saved.full_name == "Anna Ek"
    assert (saved.theme, saved.time_zone, saved.has_keys) == (
        "dark",
        "Asia/Tokyo",
        False,
    )
    assert 'data-theme="dark"' in told
    assert 'data-keys="off"' in told


def test_what_was_not_changed_comes_out_unchanged(client, anna):
    User.objects.filter(pk=anna.pk).update(first_name="Anna", last_name="Ek van Dal")

    client.post("/me/", {**WAYS, "full_name": "Anna Ek van Dal", "has_keys": "on"})

    saved = User.objects.get(pk=anna.pk)
    assert (saved.first_name, saved.last_name) == ("Anna", "Ek van Dal")
    assert saved.has_keys
    assert saved.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Moon/Sea"}, {"language": "xx"}, {"theme": "pink"}]
)
def test_a_way_that_there_is_not_is_refused(client, anna, wrong):
    answer = client.post("/me/", {**WAYS, **wrong})

    assert answer.status_code == 422
    assert 'value="Anna Ek"' in page(answer)
    assert User.objects.get(pk=anna.pk).first_name == ""


def test_pages_speak_the_language_of_the_account(client):
    client.post("/me/", {**WAYS, "language": "zh-hans"})

    here = page(client.get("/p/demo/pairs/"))
    elsewhere = page(signed_in().get("/p/demo/pairs/"))

    assert "数据对" in here
    assert "数据对" in elsewhere


def test_times_are_told_in_the_zone_of_the_account(client, anna):
    User.objects.filter(pk=anna.pk).update(time_zone="Asia/Tokyo")
    client.get("/me/")

    assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    Client().get("/login/")
    assert timezone.get_current_timezone_name() != "Asia/Tokyo"


def test_sessions_are_listed_and_ended(client):
    other = signed_in("Mozilla/5.0 (iPhone) Safari/605")
    told = page(client.get("/me/"))
    ended = client.post("/me/sessions/", {"action": "others"})

    assert "Firefox, Linux" in told
    assert "Safari, iPhone" in told
    assert ended.status_code == 302
    assert other.get("/p/demo/").status_code == 302
    assert client.get("/p/demo/").status_code == 200


def test_nobody_ends_another_persons_session(client):
    factories.make_member(factories.make_project(slug="o"), Role.ANNOTATOR, "ben")
    ben = Client()
    ben.post("/login/", {"username": "ben", "password": factories.PASSWORD})
    theirs = ben.get("/me/").context["sessions"][0][0].pk

    answer = client.post("/me/sessions/", {"session": theirs})

    assert answer.status_code == 404
    assert ben.get("/me/").status_code == 200


def test_a_token_is_shown_once_renewed_and_deleted(client, anna):
    made = page(client.post("/me/token/"))
    first = Token.objects.get(user=anna).key
    later = page(client.get("/me/"))
    client.post("/me/token/")
    second = Token.objects.get(user=anna).key
    client.post("/me/token/", {"action": "delete"})

    assert first in made
    assert first not in later
    assert first != second
    assert not Token.objects.exists()


def test_a_new_password_ends_the_token_and_the_other_sessions(client, anna):
    other = signed_in()
    client.post("/me/token/")
    typed = {"oldpassword": factories.PASSWORD}
    typed |= dict.fromkeys(("password1", "password2"), "quite another one")

    client.post("/account/password/change/", typed)

    assert User.objects.get(pk=anna.pk).check_password("quite another one")
    assert not Token.objects.exists()
    assert client.get("/p/demo/").status_code == 200
    assert other.get("/p/demo/").status_code == 302


def test_when_somebody_was_seen_is_written_every_five_minutes(client, anna):
    long_ago = timezone.now() - timedelta(minutes=6)
    User.objects.filter(pk=anna.pk).update(last_login=long_ago)
    client.get("/p/demo/")
    first = User.objects.get(pk=anna.pk).seen_at
    client.get("/p/demo/")

    assert first > long_ago
    assert User.objects.get(pk=anna.pk).seen_at == first
