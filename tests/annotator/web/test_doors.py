"""Every door counts wrong tries, and asks for the second factor where there is one."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from rest_framework.authtoken.models import Token

from annotator.models import User
from tests import factories

pytestmark = pytest.mark.django_db
WRONG = {"username": "anna", "password": "guessed"}
RIGHT = {"username": "anna", "password": factories.PASSWORD}
DOORS = ["/login/", "/session/", "/api/token/"]


@pytest.fixture
def anna():
    return factories.make_member(factories.make_project(), "annotator", "anna")


@pytest.fixture
def secret(anna) -> str:
    """Of the authenticator app that Anna has set up."""
    made = totp.generate_totp_secret()
    totp.TOTP.activate(anna, made)
    return made


def code_of(secret: str) -> str:
    """What her app shows now."""
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


@pytest.mark.parametrize("door", DOORS)
def test_of_sixty_wrong_passwords_five_are_looked_at(client, anna, door):
    answers = [client.post(door, WRONG) for _ in range(60)]

    statuses = [answer.status_code for answer in answers]
    assert 429 not in statuses[:5]
    assert set(statuses[5:]) == {429}
    assert "wait 5 minutes" in answers[-1].content.decode()
    assert 290 <= int(answers[-1]["Retry-After"]) <= 300


@pytest.mark.parametrize("door", DOORS)
def test_a_door_that_is_shut_does_not_open_for_the_right_password(client, anna, door):
    for _ in range(6):
        client.post(door, WRONG)

    assert client.post(door, RIGHT).status_code == 429


@pytest.mark.parametrize("door", DOORS)
def test_the_right_password_is_not_counted(client, anna, door):
    statuses = [client.post(door, RIGHT).status_code for _ in range(20)]

    assert set(statuses) <= {200, 302}


def test_an_account_that_is_closed_is_told_so_and_gets_no_token(client, anna):
    User.objects.filter(pk=anna.pk).update(is_active=False)

    desk = client.post("/session/", RIGHT)
    page = client.post("/login/", RIGHT, follow=True)
    token = client.post("/api/token/", RIGHT)

    assert (desk.status_code, desk.json()["code"]) == (422, "closed")
    assert page.redirect_chain[-1][0] == "/account/inactive/"
    assert '<header class="bar">' in page.content.decode()
    assert token.status_code == 400
    assert not Token.objects.exists()


def test_one_persons_wrong_tries_shut_nobody_else_out(client, anna):
    User.objects.create_user("ben", password=factories.PASSWORD)
    for _ in range(6):
        client.post("/login/", WRONG)

    answer = client.post("/login/", {**RIGHT, "username": "ben"})

    assert answer.status_code == 302


def test_the_doors_count_together(client, anna):
    for door in DOORS * 2:
        client.post(door, WRONG)

    assert [client.post(door, RIGHT).status_code for door in DOORS] == [429] * 3


def test_one_signs_in_by_mail_address_too(client, anna):
    User.objects.filter(pk=anna.pk).update(email="anna@example.org")

    client.post("/login/", {**RIGHT, "username": "anna@example.org"})

    assert client.get("/p/demo/").status_code == 200


def test_nobody_signs_up_by_themself(client, anna):
    client.post(
        "/account/signup/",
        {"username": "eve", "password1": "long enough 1", "password2": "long enough 1"},
    )

    assert not User.objects.filter(username="eve").exists()


def test_there_is_no_raw_admin(client, anna):
    User.objects.filter(pk=anna.pk).update(is_superuser=True, is_staff=True)
    client.force_login(anna)

    assert client.get("/admin/").status_code == 404
    assert client.get("/admin/login/").status_code == 404


@pytest.mark.parametrize("door", ["/login/", "/session/"])
def test_a_second_factor_is_asked_for(client, anna, secret, door):
    client.post(door, RIGHT)

    assert client.get("/p/demo/").status_code == 302


def test_the_page_goes_on_to_the_second_factor(client, anna, secret):
    asked = client.post("/login/", {**RIGHT, "next": "/p/demo/pairs/"})
    wrong = client.post(asked.url, {"code": "000000"})
    right = client.post(asked.url, {"code": code_of(secret)})

    assert wrong.status_code == 200
    assert right.url == "/p/demo/pairs/"
    assert client.get("/p/demo/").status_code == 200


def test_over_the_desk_the_second_factor_is_a_second_step(client, anna, secret):
    asked = client.post("/session/", RIGHT)
    wrong = client.post("/session/", {"code": "000000"})
    right = client.post("/session/", {"code": code_of(secret)})

    assert (asked.status_code, asked.json()["code"]) == (422, "second_factor")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    assert right.json()["person"] == anna.pk
    assert client.get("/p/demo/").status_code == 200


def test_a_recovery_code_opens_once(client, anna, secret):
    code = RecoveryCodes.activate(anna).get_unused_codes()[0]
    client.post("/session/", RIGHT)
    first = client.post("/session/", {"code": code})
    client.post("/logout/")
    client.post("/session/", RIGHT)
    again = client.post("/session/", {"code": code})

    assert first.json()["person"] == anna.pk
    assert again.status_code == 422


def test_wrong_codes_are_counted(client, anna, secret):
    client.post("/session/", RIGHT)

    answers = [client.post("/session/", {"code": "000000"}) for _ in range(8)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 3


def test_a_code_without_its_password_opens_nothing(client, anna, secret):
    answer = client.post("/session/", {"code": code_of(secret)})

    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")


def test_a_token_is_not_had_for_a_password_alone(client, anna, secret):
    answer = client.post("/api/token/", RIGHT)

    assert answer.status_code == 403
    assert "second factor" in answer.json()["detail"]
    assert not Token.objects.exists()


def test_a_token_ends_with_its_password(client, anna):
    token = client.post("/api/token/", RIGHT).json()["token"]
    header = {"Authorization": f"Token {token}"}
    before = client.get("/api/projects/", headers=header).status_code

    anna.set_password("another one, long")
    anna.save()

    assert before == 200
    assert client.get("/api/projects/", headers=header).status_code in (401, 403)


def test_a_token_outlives_what_is_no_new_password(client, anna):
    token = client.post("/api/token/", RIGHT).json()["token"]

    anna.first_name = "Anna"
    anna.save()
    client.post("/login/", RIGHT)

    header = {"Authorization": f"Token {token}"}
    assert client.get("/api/projects/", headers=header).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["password/reset/", "password/change/", "second-factor/", "email/", "logout/"],
)
def test_the_pages_of_an_account_have_our_frame(client, anna, name):
    client.post("/login/", RIGHT)

    page = client.get(f"/account/{name}", follow=True).content.decode()

    assert '<header class="bar">' in page


def test_an_installation_can_require_a_second_factor(client, anna, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.post("/login/", RIGHT)

    page = client.get("/p/demo/")
    script = client.get("/p/demo/", headers={"HX-Request": "true"})
    form = client.post("/p/demo/pairs/1/comment/", {"body": "typed"})

    assert page.url == "/account/second-factor/"
    assert client.get(page.url, follow=True).status_code == 200
    assert script.status_code == 403
    assert form.status_code == 403
    assert "typed" in form.content.decode()


def test_who_has_one_is_not_led_anywhere(client, anna, secret, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.post("/session/", RIGHT)
    client.post("/session/", {"code": code_of(secret)})

    assert client.get("/p/demo/").status_code == 200


def test_without_mail_the_reset_says_whom_to_ask(client, anna, mailoutbox):
    answer = client.post("/account/password/reset/", {"email": "anna@example.org"})

    assert "ask an admin" in answer.content.decode()
    assert not mailoutbox


def test_with_mail_the_reset_sends_a_link(client, anna, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.example.org"
    User.objects.filter(pk=anna.pk).update(email="anna@example.org")

    client.post("/account/password/reset/", {"email": "anna@example.org"})

    (sent,) = mailoutbox
    assert "/account/password/reset/key/" in sent.body


def test_an_openid_connect_server_has_its_button(client, anna, settings):
    app = {"provider_id": "oidc", "name": "Our login", "client_id": "coachlm"}
    app["settings"] = {"server_url": "https://id.example.org"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}

    page = client.get("/login/").content.decode()

    assert "Our login" in page
    assert "/account/oidc/oidc/login/" in page
