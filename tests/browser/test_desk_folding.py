"""The desk with what nobody changed in one line, and its frame on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Review
from tests import factories, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_FRAME = 96
"""Pixels of bar and actions together, of the 844 of a phone."""


@pytest.fixture
def desk(enter, live_server):
    factories.make_member(factories.make_drafted(2), Role.ADMIN, "ada")

    def open_(**context):
        page = enter("ada", **context)
        page.goto(f"{live_server.url}/p/demo/review/")
        page.wait_for_timeout(600)  # nothing is decided before
        return page

    return open_


def height(page, name):
    return page.locator(f".part:has([name={name}])").bounding_box()["height"]


def test_an_unchanged_field_is_one_line_until_the_focus_is_in_it(desk):
    page = desk()
    folded = height(page, "instruction")

    page.keyboard.press("1")

    expect(page.locator("[name=instruction]")).to_be_focused()
    assert folded < 40 < height(page, "instruction")
    page.locator("h1").click()
    assert height(page, "instruction") == folded
    assert height(page, "response") > 60


def test_what_was_typed_in_it_stays_in_sight_and_is_sent(desk):
    page = desk()

    page.keyboard.press("1")
    page.keyboard.type("Now. ")
    page.keyboard.press("Escape")

    expect(page.locator(".part").first).to_have_attribute("data-changed", "true")
    assert height(page, "instruction") > 60
    page.keyboard.press("Control+Enter")
    review = world.wait_for(Review.objects.first)
    assert "Now. " in review.instruction


def test_it_opens_by_its_button_and_stays_open(desk):
    page = desk()

    page.locator("[data-open-part]").first.click()
    page.locator("h1").click()

    assert height(page, "instruction") > 60


def test_bar_and_actions_leave_a_phone_to_the_pair(desk):
    page = desk(viewport={"width": 390, "height": 844})

    bar = page.locator("header.bar").bounding_box()["height"]
    actions = page.locator("#actions").bounding_box()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert bar + actions["height"] < MOST_FRAME
    assert actions["y"] + actions["height"] <= 844
    assert wide == 0
    page.get_by_text("Skip…").click()
    expect(page.get_by_role("button", name="Skip the pair")).to_be_in_viewport()
