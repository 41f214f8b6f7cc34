"""Second factors in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import connection
from playwright.sync_api import Page, expect

from annotator.domain.roles import Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FACTORS = "/account/second-factor/"


class Key:
    """A passkey in a person's machine: it is there, and says yes to everything."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.session.send(
            "WebAuthn.addVirtualAuthenticator", {"options": options}
        )
        self.number = made["authenticatorId"]

    def is_refused(self) -> None:
        """From now on the person does not touch it."""
        self.session.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.number, "isUserVerified": False},
        )


@pytest.fixture
def anna():
    project = factories.make_drafted(2)
    return factories.make_member(project, Role.ANNOTATOR, "anna")


def code_of(secret: str) -> str:
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def add_passkey(page: Page, home: str) -> list[str]:
    """On one's own page; the recovery codes that come with the first factor."""
    page.goto(f"{home}/me/")
    page.click("text=Second factors and passkeys")
    page.locator(f'a[href="{FACTORS}webauthn/add/"]').click()
    page.fill("[name=name]", "My laptop")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    return page.input_value("#recovery_codes").split()


def to_sign_in(page: Page, home: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{home}/login/?next=/p/demo/pairs/")


def by_password(page: Page) -> None:
    page.fill("[name=username]", "anna")
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/second-factor/authenticate/**")


def test_a_passkey_signs_in_alone_and_is_a_second_factor(anna, enter, live_server):
    page = enter("anna", by_form=True)
    key = Key(page)
    codes = add_passkey(page, live_server.url)

    to_sign_in(page, live_server.url)
    page.click("#passkey_login")
    page.wait_for_url(f"{live_server.url}/p/demo/pairs/")
    to_sign_in(page, live_server.url)
    by_password(page)
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{live_server.url}/p/demo/pairs/")
    to_sign_in(page, live_server.url)
    by_password(page)
    page.fill("[name=code]", codes[0])
    page.press("[name=code]", "Enter")
    page.wait_for_url(f"{live_server.url}/p/demo/pairs/")

    key.is_refused()
    to_sign_in(page, live_server.url)
    page.click("#passkey_login")
    expect(page.locator("#notices")).to_contain_text("No passkey was used")
    by_password(page)
    page.fill("[name=code]", codes[0])
    page.press("[name=code]", "Enter")
    expect(page.locator("main")).to_contain_text(re.compile("incorrect", re.I))
    expect(page.locator("main")).to_be_visible()


def test_who_must_have_a_second_factor_chooses_one_and_goes_on(
    anna, enter, live_server, settings
):
    settings.SECOND_FACTOR_REQUIRED = True
    page = enter("anna", by_form=True)
    page.goto(f"{live_server.url}/p/demo/review/")

    expect(page.locator("main")).to_contain_text("asks everybody for a second factor")
    page.locator(f'a[href="{FACTORS}totp/activate/"]').click()
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", "000000")
    page.press("[name=code]", "Enter")
    expect(page.locator("main")).to_contain_text(re.compile("incorrect", re.I))
    page.fill("[name=code]", code_of(secret))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{live_server.url}/p/demo/review/")
    expect(page.locator("[name=response]")).to_be_visible()

    kinds = set(Authenticator.objects.values_list("type", flat=True))
    connection.close()
    assert kinds == {"totp", "recovery_codes"}


def test_an_address_that_is_a_number_says_what_passkeys_need(
    anna, browser, live_server, settings
):
    settings.ALLOWED_HOSTS = ["*"]
    page = browser.new_context().new_page()
    page.set_default_timeout(20_000)
    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/login/")

    page.click("#passkey_login")

    expect(page.locator("#notices")).to_contain_text("an address with a name")
