"""The command palette under the hand: keys, going there, and axe."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotator.domain.roles import Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_it_opens_over_a_text_finds_by_keys_and_goes_there(enter, live_server):
    project = factories.make_drafted(2)
    factories.make_member(project, Role.LEAD, "lea")
    page = enter("lea")
    page.goto(f"{live_server.url}/p/demo/review/")
    page.locator("#text-response").focus()

    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to a page or a pair")
    expect(box).to_be_focused()
    options = page.locator("#palette [role=option]")
    expect(options.first).to_contain_text("Overview")
    assert Axe().run(page, options=WCAG)["violations"] == []
    page.keyboard.type("agreem")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")

    page.wait_for_url("**/p/demo/stats/agreement/")


def test_arrows_move_escape_closes_and_nothing_is_said_plainly(enter, live_server):
    project = factories.make_drafted(1)
    factories.make_member(project, Role.LEAD, "lea")
    page = enter("lea")
    page.goto(f"{live_server.url}/p/demo/pairs/")
    page.get_by_role("button", name="Go to…").click()
    options = page.locator("#palette [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")

    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("zzzz")
    expect(page.locator("#palette [role=status]")).to_have_text(
        "Nothing has this name."
    )
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).not_to_be_visible()
