"""Each journey without a mouse: what is pressed is reached by Tab, and soon."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Export, Invitation, Pair
from tests import factories
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_TABS = 90
FOCUSED = "each => each === document.activeElement"


def reach(page: Page, aim: Locator) -> None:
    """Press Tab until the aim has the focus; AssertionError if that takes too long."""
    expect(aim).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if aim.evaluate(FOCUSED):
            return
    raise AssertionError(f"{aim} is not reached by {MOST_TABS} tabs")


def press(page: Page, name: str) -> None:
    """Reach a button of the page by its name, and press Enter."""
    reach(page, page.locator("main").get_by_role("button", name=name).first)
    page.keyboard.press("Enter")


def sign_in(browser, live_server, name: str) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{live_server.url}/login/")
    if not page.locator("[name=username]").evaluate(FOCUSED):
        reach(page, page.locator("[name=username]"))
    page.keyboard.type(name)
    reach(page, page.locator("[name=password]"))
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def test_a_pair_goes_from_the_file_to_the_export(browser, live_server, tmp_path):
    project = factories.make_project()
    factories.make_coach(project)
    factories.make_member(project, Role.ADMIN, "ada")
    factories.make_member(project, Role.ANNOTATOR, "anna")
    file = tmp_path / "a.json"
    file.write_text(json.dumps(factories.rows(1)))

    ada = sign_in(browser, live_server, "ada")
    ada.goto(f"{live_server.url}/p/demo/batches/")
    reach(ada, ada.locator("[name=file]"))
    ada.set_input_files("[name=file]", file)  # the system's own window opens on Enter
    press(ada, "Import")
    ada.wait_for_url(lambda url: not url.endswith("/batches/"))
    assert Pair.objects.count() == 1

    factories.draft_all(project)
    anna = sign_in(browser, live_server, "anna")
    anna.goto(f"{live_server.url}/p/demo/review/")
    steady(anna)
    press(anna, "Accept draft")
    expect(anna.locator("h1")).to_contain_text("Nothing to review")

    ada.goto(f"{live_server.url}/p/demo/quality/")
    steady(ada)
    press(ada, "Accept")
    expect(ada.locator("h1")).to_contain_text("No review is waiting")
    assert Pair.objects.in_state(PairState.ACCEPTED).count() == 1

    ada.goto(f"{live_server.url}/p/demo/export/")
    press(ada, "Write the file")
    expect(ada.locator("#exports table")).to_be_visible()
    assert Export.objects.count() == 1
    connection.close()


def test_settings_are_saved_and_somebody_is_invited(browser, live_server):
    project = factories.make_project()
    factories.make_member(project, Role.ADMIN, "ada")
    ada = sign_in(browser, live_server, "ada")

    ada.goto(f"{live_server.url}/p/demo/settings/")
    reach(ada, ada.locator("[name=name]"))
    ada.keyboard.press("Control+a")
    ada.keyboard.type("Everyday questions")
    press(ada, "Save settings")
    expect(ada.locator("#notices")).to_contain_text("saved")
    project.refresh_from_db()
    assert project.name == "Everyday questions"

    ada.goto(f"{live_server.url}/p/demo/members/")
    reach(ada, ada.locator("#invite_role"))
    press(ada, "Make a link")
    expect(ada.locator("#link")).to_be_visible()
    assert Invitation.objects.count() == 1
    connection.close()
