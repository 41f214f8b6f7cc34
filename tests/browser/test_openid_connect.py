"""Signing in with an OpenID Connect server: the whole code flow, in a browser, with a
provider that is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from annotator.config import accounts, ports
from annotator.config.env import Environment
from annotator.domain.roles import Role
from annotator.models import Membership, User
from tests import factories, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Its address; it knows whoever is made known to it."""
    port = ports.for_a_server()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)],
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    world.wait_for(lambda: _answers(address), 60)
    yield address
    process.terminate()
    process.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/.well-known/openid-configuration").is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def set_up(settings, provider) -> Callable[..., None]:
    """Reads the settings that an operator would set."""

    def set_up(**more: str) -> None:
        values = {
            "OIDC_SERVER_URL": provider,
            "OIDC_CLIENT_ID": "coachlm",
            "OIDC_CLIENT_SECRET": "kept",
            "OIDC_NAME": "Our login",
            **more,
        }
        for name, value in accounts.read(Environment(values), https=False).items():
            setattr(settings, name, value)

    return set_up


@pytest.fixture
def anna() -> User:
    anna = factories.make_member(factories.make_drafted(2), Role.ANNOTATOR, "anna")
    User.objects.filter(pk=anna.pk).update(email="anna@example.org")
    return anna


@pytest.fixture
def come(browser, live_server, provider) -> Callable[..., Page]:
    """A person comes from the sign-in page, known to the provider by these claims."""

    def come(sub: str, **claims: object) -> Page:
        httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()
        page = browser.new_context().new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{live_server.url}/login/?next=/p/demo/pairs/")
        page.click("text=Our login")
        if page.url.startswith(live_server.url):
            page.click("main button[type=submit]")
        page.wait_for_url(f"{provider}/**")
        page.fill("[name=sub]", sub)
        page.click("text=Authorize >> nth=-1")
        page.wait_for_url(f"{live_server.url}/**")
        return page

    return come


def signed_in(page: Page, home: str) -> bool:
    """Whether the page of the project opens, and not that of the sign-in."""
    return page.goto(f"{home}/p/demo/").url == f"{home}/p/demo/"


def test_who_is_known_by_a_verified_address_gets_into_that_account(
    set_up, anna, come, live_server
):
    set_up()

    page = come("anna-there", email="anna@example.org", email_verified=True)

    page.wait_for_url(f"{live_server.url}/p/demo/pairs/")
    expect(page.locator("header.bar")).to_contain_text("anna")
    page.goto(f"{live_server.url}/account/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/login/**")
    assert not signed_in(page, live_server.url)
    # The second time by the name there, whatever the address is then.
    again = come("anna-there", email="other@example.org", email_verified=True)
    again.wait_for_url(f"{live_server.url}/p/demo/pairs/")
    assert User.objects.count() == 1
    connection.close()


@pytest.mark.parametrize("makes", ["0", "1"])
@pytest.mark.parametrize("verified", [{}, {"email_verified": False}])
def test_an_address_that_nobody_verified_opens_no_account_of_others(
    set_up, anna, come, live_server, makes, verified
):
    set_up(OIDC_MAKES_ACCOUNTS=makes)

    page = come(f"eve-{makes}-{len(verified)}", email="anna@example.org", **verified)
    page.wait_for_load_state()

    expect(page.locator("header.bar")).not_to_contain_text("anna")
    assert not signed_in(page, live_server.url)
    anna.refresh_from_db()
    assert anna.check_password(factories.PASSWORD)
    connection.close()


def test_a_stranger_is_refused_in_words(set_up, anna, come, live_server):
    set_up()

    page = come("stranger", email="stranger@example.org", email_verified=True)

    expect(page.locator("main")).to_contain_text("no account here")
    assert User.objects.count() == 1
    connection.close()


def test_where_accounts_are_made_a_stranger_has_one_without_roles(
    set_up, anna, come, live_server
):
    set_up(OIDC_MAKES_ACCOUNTS="1")

    page = come(
        "nora",
        email="nora@example.org",
        email_verified=True,
        preferred_username="nora",
        given_name="Nora",
        family_name="Ny",
    )
    page.wait_for_load_state()

    made = User.objects.get(username="nora")
    assert (made.email, made.get_full_name()) == ("nora@example.org", "Nora Ny")
    assert not Membership.objects.filter(user=made).exists()
    connection.close()
    page.goto(f"{live_server.url}/me/")
    expect(page.locator("main")).to_contain_text("nora")
    page.goto(f"{live_server.url}/p/demo/")
    expect(page.locator("main")).to_contain_text("There is nothing here")


def test_who_says_no_there_is_back_on_a_page_of_ours(
    set_up, anna, browser, live_server, provider
):
    set_up()
    page = browser.new_context().new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{live_server.url}/login/")
    page.click("text=Our login")
    if page.url.startswith(live_server.url):
        page.click("main button[type=submit]")
    page.wait_for_url(f"{provider}/**")

    page.click("text=Deny")

    page.wait_for_url(f"{live_server.url}/**")
    expect(page.locator("header.bar")).to_be_visible()
    assert not signed_in(page, live_server.url)
