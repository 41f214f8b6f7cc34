"""What becomes of people at work whose account changes meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from playwright.sync_api import Page, expect

from annotator.domain.roles import Role
from annotator.models import Autosave, Project, User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "another one, long"


@pytest.fixture
def project() -> Project:
    project = factories.make_drafted(4)
    factories.make_member(project, Role.ADMIN, "ada")
    return project


@pytest.fixture
def anna(project) -> User:
    return factories.make_member(project, Role.ANNOTATOR, "anna")


def save_as(page: Page, home: str, person: User, role: str) -> None:
    page.goto(f"{home}/people/{person.pk}/")
    page.select_option("[name=role]", role)
    page.click("text=Change")
    page.wait_for_load_state()


def test_a_role_that_changes_changes_the_next_page(project, anna, enter, live_server):
    page, admin = enter("anna"), enter("ada")
    home = live_server.url
    page.goto(f"{home}/p/demo/batches/")
    expect(page.locator("main")).to_contain_text("You may not do this")

    save_as(admin, home, anna, "lead")
    page.goto(f"{home}/p/demo/batches/")
    expect(page.locator("h1")).to_contain_text("Batches")
    save_as(admin, home, anna, "annotator")
    page.goto(f"{home}/p/demo/batches/")
    expect(page.locator("main")).to_contain_text("You may not do this")
    save_as(admin, home, anna, "")
    page.goto(f"{home}/p/demo/review/")
    expect(page.locator("main")).to_contain_text("There is nothing here")


def test_an_account_that_is_closed_ends_at_once_and_keeps_what_was_typed(
    project, anna, enter, live_server
):
    page, admin = enter("anna"), enter("ada")
    home = live_server.url
    page.goto(f"{home}/p/demo/review/")
    text = page.locator("[name=response]")
    text.fill("Typed before the account was closed.")
    expect(page.locator("body")).to_contain_text("saved")

    admin.goto(f"{home}/people/{anna.pk}/")
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.click("text=Close the account")
    expect(admin.locator("main")).to_contain_text("the account is closed")
    text.press("End")
    page.keyboard.type(" And after.")

    dialog = page.locator("#sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(factories.PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    expect(dialog.locator("[role=alert]")).to_contain_text("account is closed")
    expect(text).to_have_value("Typed before the account was closed. And after.")
    kept = Autosave.objects.get(author=anna).response
    connection.close()
    assert kept == "Typed before the account was closed."

    admin.click("text=Open the account again")
    expect(admin.locator("main")).not_to_contain_text("the account is closed")
    dialog.locator("[name=password]").fill(factories.PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    expect(dialog).not_to_be_visible()
    expect(text).to_have_value("Typed before the account was closed. And after.")


def test_a_new_password_ends_the_other_browsers_and_the_token(
    project, anna, enter, live_server
):
    here, there = enter("anna", by_form=True), enter("anna", by_form=True)
    home = live_server.url
    given = {"username": "anna", "password": factories.PASSWORD}
    token = httpx.post(f"{home}/api/token/", json=given).json()["token"]
    header = {"Authorization": f"Token {token}"}
    assert httpx.get(f"{home}/api/projects/", headers=header).status_code == 200

    here.goto(f"{home}/me/")
    here.click("text=Change the password")
    here.fill("[name=oldpassword]", factories.PASSWORD)
    here.fill("[name=password1]", NEW)
    here.fill("[name=password2]", NEW)
    here.click("main form.panel button[type=submit]")
    here.wait_for_load_state()

    here.goto(f"{home}/p/demo/")
    expect(here).to_have_url(f"{home}/p/demo/")
    there.goto(f"{home}/p/demo/")
    expect(there.locator("h1")).to_have_text("Sign in")
    assert httpx.get(f"{home}/api/projects/", headers=header).status_code in (401, 403)
    there.fill("[name=username]", "anna")
    there.fill("[name=password]", NEW)
    there.press("[name=password]", "Enter")
    there.wait_for_url(f"{home}/p/demo/")


def test_each_field_of_the_profile_is_kept_and_used(project, anna, enter, live_server):
    page = enter("anna")
    home = live_server.url
    seen = datetime(2026, 6, 3, 20, 30, tzinfo=UTC)
    UserSession.objects.filter(user=anna).update(last_seen_at=seen)
    connection.close()
    page.goto(f"{home}/me/")
    page.fill("[name=full_name]", "Anna Ångström")
    page.select_option("[name=time_zone]", "Asia/Kathmandu")
    page.select_option("[name=theme]", "dark")
    page.uncheck("[name=has_keys]")
    page.locator("form[data-own-ways] button[type=submit]").click()

    expect(page.locator("header.bar")).to_contain_text("Anna Ångström")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_attribute("data-keys", "off")
    expect(page.locator("[name=time_zone]")).to_have_value("Asia/Kathmandu")
    expect(page.locator("[name=has_keys]")).not_to_be_checked()
    page.goto(f"{home}/p/demo/review/")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto(f"{home}/me/")
    page.select_option("select[name=language]", "zh-hans")
    page.locator("form[data-own-ways] button[type=submit]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    # It is the account's: another browser, which never chose, has it, too.
    other = enter("anna", by_form=True)
    expect(other.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
