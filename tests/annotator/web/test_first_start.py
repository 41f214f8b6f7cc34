"""The first admin: made once, by whoever holds the address that `up` printed."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.db import connection

from annotator.config import up
from annotator.config.door import Door
from annotator.models import FirstAdminToken, User
from annotator.services import first_admin
from tests import factories

pytestmark = pytest.mark.django_db
GIVEN = {
    "username": "mira",
    "password1": "eleven blue kites",
    "password2": "eleven blue kites",
    "language": "zh-hans",
}


@pytest.fixture
def token():
    made = first_admin.issue()
    assert made
    return made


@pytest.fixture
def anna_later():
    return lambda: User.objects.create_user("anna", password=factories.PASSWORD)


@pytest.mark.parametrize("address", ["/", "/login/"])
def test_an_empty_installation_opens_on_the_first_start(client, address):
    answer = client.get(address, follow=True)

    assert answer.redirect_chain == [("/first/", 302)]
    assert "./coachlm up" in answer.content.decode()


def test_the_address_makes_the_admin_and_signs_them_in(client, token):
    assert client.get(f"/first/{token}/").status_code == 200

    answer = client.post(f"/first/{token}/", GIVEN)

    mira = User.objects.get()
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(mira.pk)
    assert mira.is_superuser
    assert mira.check_password(GIVEN["password1"])
    assert answer.cookies["django_language"].value == "zh-hans"
    home = client.get("/")
    assert home.status_code == 200
    assert home["Content-Language"] == "zh-hans"
    assert UserSession.objects.get(user=mira).session_key == client.session.session_key
    assert not FirstAdminToken.objects.exists()


def test_the_address_works_once(client, token):
    client.post(f"/first/{token}/", GIVEN)

    again = client.post(f"/first/{token}/", GIVEN | {"username": "eve"})

    assert again.status_code == 404
    assert User.objects.get().username == "mira"


def test_a_wrong_token_opens_nothing(client, token):
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")

    answers = [client.get(f"/first/{wrong}/"), client.post(f"/first/{wrong}/", GIVEN)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not User.objects.exists()


def test_where_there_is_a_user_nobody_is_first(client, token):
    User.objects.create_user("anna", password=factories.PASSWORD)

    answers = [client.get(f"/first/{token}/"), client.post(f"/first/{token}/", GIVEN)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get("/first/").status_code == 404
    assert client.get("/login/").status_code == 200
    assert first_admin.issue() is None
    assert not FirstAdminToken.objects.exists()


def test_a_new_token_ends_the_earlier_one(client, token):
    newer = first_admin.issue()

    assert client.get(f"/first/{token}/").status_code == 404
    assert client.get(f"/first/{newer}/").status_code == 200


def test_the_token_is_not_kept_itself(token):
    kept = FirstAdminToken.objects.get()

    assert token not in kept.digest
    assert len(kept.digest) == 64


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password1": "mira", "password2": "mira"}, "too short"),
        (
            {
                "username": "mirabella",
                "password1": "mirabella1",
                "password2": "mirabella1",
            },
            "too similar",
        ),
        ({"password2": "another blue kite"}, "match"),
        ({"username": "a b"}, "valid username"),
        ({"username": ""}, "required"),
        ({"language": "tlh"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_told_and_the_token_stays_good(client, token, changed, said):
    answer = client.post(f"/first/{token}/", GIVEN | changed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not User.objects.exists()
    assert client.get(f"/first/{token}/").status_code == 200


def test_the_command_prints_an_address_as_long_as_nobody_is_there(client, capsys):
    call_command("first_admin")
    path = capsys.readouterr().out.split()[-1]

    assert client.post(path, GIVEN).status_code == 302

    call_command("first_admin")
    assert "accounts already" in capsys.readouterr().out


def test_up_prints_the_address_while_nobody_is_there(client, anna_later):
    door = Door("127.0.0.1", 8123, is_asked_for=True)

    said = up._first_admin(door)

    assert said[1].strip().startswith("http://127.0.0.1:8123/first/")
    assert client.get(said[1].strip().removeprefix(door.address)).status_code == 200
    anna_later()
    assert up._first_admin(door) == []


@pytest.mark.parametrize(("arguments", "demo"), [(["--empty"], "0"), ([], None)])
def test_up_takes_the_word_empty(monkeypatch, arguments, demo):
    monkeypatch.delenv("COACHLM_DEMO", raising=False)
    monkeypatch.setattr(sys, "argv", ["up", *arguments])

    up._read_arguments()

    assert os.environ.get("COACHLM_DEMO") == demo
    monkeypatch.delenv("COACHLM_DEMO", raising=False)


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_one_makes_the_admin():
    token = first_admin.issue()
    start = Barrier(2)

    def run(name: str) -> bool:
        start.wait(10)
        try:
            made = first_admin.create(
                token=token or "", username=name, password=GIVEN["password1"]
            )
        finally:
            connection.close()
        return made is not None

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(run, ["mira", "noor"]))

    assert sorted(made) == [False, True]
    assert User.objects.count() == 1
