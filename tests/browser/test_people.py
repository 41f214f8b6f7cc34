"""An invitation is opened in another browser, and a second factor over the desk."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from annotator.domain.roles import Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_invitation_is_opened_in_another_browser(enter, browser, live_server):
    project = factories.make_drafted(2)
    factories.make_member(project, Role.ADMIN, "ada")

    page = enter("ada")
    page.goto(f"{live_server.url}/p/demo/members/")
    page.select_option("#invite_role", "annotator")
    page.click("text=Make a link")
    link = page.input_value("#link")
    guest = browser.new_context().new_page()
    guest.goto(link)
    guest.fill("[name=username]", "nora")
    guest.fill("[name=full_name]", "Nora Ny")
    guest.fill("[name=password]", "a long one, new")
    guest.click("text=Make my account and join")
    guest.wait_for_url("**/p/demo/")
    guest.goto(f"{live_server.url}/p/demo/review/")
    expect(guest.locator("[name=response]")).to_be_visible()
    page.goto(f"{live_server.url}/p/demo/members/")
    expect(page.locator("table").first).to_contain_text("Nora Ny")


def test_a_second_factor_is_asked_for_over_the_desk(enter, live_server):
    project = factories.make_drafted(2)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    page = enter("anna")
    page.goto(f"{live_server.url}/p/demo/review/")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(anna, secret)
    text = page.locator("[name=response]")
    text.fill("Typed while the session was ending.")
    Session.objects.all().delete()
    page.locator("[name=response]").press("End")
    page.keyboard.type(" More.")

    dialog = page.locator("#sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(factories.PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    expect(dialog.locator("[name=code]")).to_be_visible()
    dialog.locator("[name=code]").fill("000000")
    dialog.locator("[name=code]").press("Enter")
    expect(dialog.locator("[role=alert]")).to_contain_text("ncorrect")
    value = totp.hotp_value(secret, int(time.time()) // 30)
    dialog.locator("[name=code]").fill(totp.format_hotp_value(value))
    dialog.locator("[name=code]").press("Enter")

    expect(dialog).not_to_be_visible()
    expect(text).to_have_value("Typed while the session was ending. More.")
    assert Session.objects.exists()
