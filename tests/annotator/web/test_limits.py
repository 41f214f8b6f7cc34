"""How often each door may be tried, who says for how long it is shut, and who opens
it before."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from annotator import tasks
from annotator.domain.roles import Role
from annotator.models import SharedCacheRow, User
from annotator.services import inviting, tries
from tests import factories

pytestmark = pytest.mark.django_db
RESET = "/account/password/reset/"


@pytest.fixture
def project():
    return factories.make_project()


def try_wrong(times: int, name: str = "anna", **where: str) -> list[int]:
    client = Client(**where)
    given = {"username": name, "password": "guessed"}
    return [client.post("/login/", given).status_code for _ in range(times)]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_another_address_of_the_server_gives_no_more_tries(anna, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

    first = try_wrong(5)
    other = try_wrong(1, HTTP_HOST="localhost") + try_wrong(1, HTTP_HOST="127.0.0.1")

    assert first == [200] * 5
    assert other == [429] * 2


def test_neither_does_the_mail_address_or_another_spelling(anna):
    User.objects.filter(pk=anna.pk).update(email="anna@example.org")

    names = ["anna", "Anna", "anna@example.org", "ANNA@example.org", " anna "]
    first = [try_wrong(1, name) for name in names]

    assert first == [[200]] * 5
    assert try_wrong(1, "anna") == [429]
    assert try_wrong(1, "anna@example.org") == [429]


def test_names_that_nobody_has_are_counted_too(anna):
    assert try_wrong(6, "nobody") == [200] * 5 + [429]


def test_from_one_address_twenty_wrong_tries_a_minute_are_looked_at(anna):
    statuses = [try_wrong(1, f"name{n}")[0] for n in range(22)]

    assert statuses == [200] * 20 + [429] * 2
    seconds = int(
        Client().post("/login/", {"username": "x", "password": "y"})["Retry-After"]
    )
    assert 1 <= seconds <= 60


def page_of(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("address", "given", "allowed", "wait"),
    [
        (RESET, {"email": "anna@example.org"}, 5, 60),
        ("/account/password/reset/key/1-x-set-password/", {"password1": "x"}, 20, 60),
        ("/account/second-factor/webauthn/login/", {"credential": "{}"}, 10, 60),
    ],
)
def test_each_door_of_strangers_shuts_and_says_for_how_long(
    client, anna, settings, address, given, allowed, wait
):
    settings.EMAIL_HOST = "mail.example.org"

    answers = [client.post(address, given) for _ in range(allowed + 1)]

    assert 429 not in {answer.status_code for answer in answers[:-1]}
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1]["Retry-After"]) <= wait
    assert re.search(r"Too many tries: wait \d+ seconds?", page_of(answers[-1]))
    assert '<header class="bar">' in page_of(answers[-1])


@pytest.mark.parametrize(
    ("address", "given", "allowed"),
    [
        ("/account/password/change/", {"oldpassword": "guessed"}, 5),
        ("/account/reauthenticate/", {"password": "guessed"}, 5),
        ("/account/email/", {"action_add": "", "email": "no"}, 10),
    ],
)
def test_so_does_each_door_behind_the_sign_in(anna, address, given, allowed):
    client = signed_in(anna)

    answers = [client.post(address, given) for _ in range(allowed + 1)]

    assert 429 not in {answer.status_code for answer in answers[:-1]}
    assert "Too many tries: wait" in page_of(answers[-1])


def test_an_invitations_door_shuts(client, project, ada):
    _, token = inviting.invite(actor=ada, roles={project: Role.ANNOTATOR}, email="")
    address = f"/join/{token}/"

    answers = [client.post(address, {"username": "x"}) for _ in range(31)]

    assert {answer.status_code for answer in answers[:-1]} == {422}
    assert answers[-1].status_code == 429
    assert "Too many tries" in page_of(answers[-1])


def test_codes_on_the_page_are_counted_and_the_wait_is_told(client, anna):
    totp.TOTP.activate(anna, totp.generate_totp_secret())
    client.post("/login/", {"username": "anna", "password": factories.PASSWORD})
    address = "/account/second-factor/authenticate/"

    answers = [client.post(address, {"code": "000000"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "wait 5 minutes" in page_of(answers[-1])


def test_a_passkey_is_not_asked_for_under_a_name_so_nobody_is_shut_out_by_it(anna):
    for _ in range(12):
        Client().post("/account/second-factor/webauthn/login/", {"credential": "{}"})

    assert tries.seconds_shut(anna) == 0


def test_the_wait_grows_shorter(anna, monkeypatch):
    try_wrong(6)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 200)

    assert 95 <= tries.seconds_shut(anna) <= 100
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert tries.seconds_shut(anna) == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "wait 1 second,"), (60, "60 seconds"), (61, "2 minutes"), (300, "5 minutes")],
)
def test_the_wait_is_told_in_words(seconds, said):
    assert said in tries.sentence(seconds)


def test_an_admin_sees_it_and_opens_the_door(ada, anna):
    try_wrong(6)
    admin = signed_in(ada)

    before = page_of(admin.get(f"/people/{anna.pk}/"))
    admin.post(f"/people/{anna.pk}/", {"action": "open-again"})
    after = page_of(admin.get(f"/people/{anna.pk}/"))

    assert "shut until" in before
    assert "shut until" not in after
    assert try_wrong(1) == [200]


def test_opening_forgets_wrong_codes_too(client, ada, anna):
    totp.TOTP.activate(anna, totp.generate_totp_secret())
    client.post("/session/", {"username": "anna", "password": factories.PASSWORD})
    for _ in range(6):
        client.post("/session/", {"code": "000000"})

    shut = tries.seconds_shut(anna)
    tries.open_again(person=anna, actor=ada)

    assert shut > 290
    assert client.post("/session/", {"code": "000000"}).status_code == 422


def test_only_who_looks_after_an_account_opens_its_door(ada, anna):
    other = factories.make_project(slug="other")
    eve = factories.make_member(other, Role.ADMIN, "eve")
    factories.Membership.objects.create(project=other, user=anna, role=Role.ANNOTATOR)
    try_wrong(6)

    answer = signed_in(eve).post(f"/people/{anna.pk}/", {"action": "open-again"})

    assert answer.status_code == 403
    assert try_wrong(1) == [429]


def test_counts_that_are_over_are_swept_away(anna):
    try_wrong(1)
    SharedCacheRow.objects.update(expires="2020-01-01T00:00:00Z")
    cache.set("of-now", "1", 60)

    tasks.forget_tries()

    assert [row.cache_key for row in SharedCacheRow.objects.all()] == [":1:of-now"]
