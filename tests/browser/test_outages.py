"""The database goes away under an open page, and comes back: nothing typed is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Autosave, Pair, Part, Review
from annotator.selectors import parts
from annotator.services import hearing
from tests import factories, world
from tests.browser.waits import steady
from tests.web_process import Web, session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "All that I typed while the database was away."
FAULTS = ["shut", "silence"]


@pytest.fixture
def web(transactional_db, tmp_path: Path) -> Iterator[Web]:
    running = Web(tmp_path)
    yield running
    running.end()


@pytest.fixture
def open_page(web, browser: Browser) -> Iterator:
    project = factories.make_drafted(3)
    anna = factories.make_member(project, Role.ADMIN, "anna")

    def open_page(path: str, **more) -> Page:
        context = browser.new_context(**{"locale": "en-GB", **more})
        cookie = {"name": "sessionid", "value": session_of(anna), "url": web.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{web.url}{path}")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()


def look(page: Page, name: str) -> None:
    """Keep a picture for a person who wants to see it."""
    if folder := os.environ.get("COACHLM_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_that_says_so_comes_back_by_itself(web, open_page, fault):
    page = open_page("/p/demo/")
    getattr(web.database, fault)()

    page.goto(f"{web.url}/p/demo/pairs/")
    expect(page.get_by_role("heading")).to_have_text("Back in a moment")
    look(page, f"503-{fault}")
    for line in page.locator("dd").all():
        assert line.bounding_box()["width"] > 200
    web.database.open()

    expect(page.get_by_role("heading", name="Pairs")).to_be_visible()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_desk_keeps_typing_and_sends_later(web, open_page, fault):
    page = open_page("/p/demo/review/")
    steady(page)
    getattr(web.database, fault)()

    page.fill("[name=response]", TYPED)
    expect(page.locator(".saved")).to_have_attribute("data-state", "failing")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-waiting] p")).to_contain_text("the server is in trouble")
    assert not page.locator("#sign-in").is_visible()
    look(page, f"desk-{fault}")
    web.database.open()

    world.wait_for(lambda: Review.objects.filter(response=TYPED).count() == 1, 40)
    expect(page.locator("[data-waiting]")).to_have_count(0)
    assert Pair.objects.filter(state=PairState.IN_REVIEW).count() == 1


def test_what_was_only_typed_is_saved_when_it_is_back(web, open_page):
    page = open_page("/p/demo/review/")
    steady(page)
    web.database.shut()

    page.fill("[name=response]", TYPED)
    expect(page.locator(".saved")).to_have_attribute("data-state", "failing")
    assert page.locator("#notices > *").count() == 0
    web.database.open()

    saved = page.locator(".saved[data-state=saved]")
    expect(saved).to_be_attached(timeout=20_000)
    assert Autosave.objects.filter(response=TYPED).count() == 1


def test_a_page_that_polls_says_it_once_and_goes_on(web, open_page):
    page = open_page("/p/demo/")
    expect(page.locator("#funnel")).to_contain_text("3 pairs")
    web.database.shut()

    notice = page.locator("#notices > *")
    expect(notice).to_contain_text("cannot reach its database, since", timeout=30_000)
    page.wait_for_timeout(11_000)  # another poll
    look(page, "overview")
    expect(notice).to_have_count(1)
    expect(page.locator("#funnel")).to_contain_text("3 pairs")
    web.database.open()

    expect(notice).to_have_count(0)


def test_a_form_that_was_not_taken_waits_on_its_page(web, open_page):
    page = open_page("/p/new/")
    page.fill("[name=name]", "A & B")
    page.fill("[name=slug]", "a-b")
    web.database.shut()

    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading")).to_have_text("Back in a moment")
    look(page, "form")
    expect(page.get_by_label("name")).to_have_value("A & B")
    web.database.open()
    expect(page.locator("[data-next]")).to_have_text("The server is back.")
    page.get_by_role("button", name="Send it again").click()

    page.wait_for_url("**/p/a-b/**")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(web, open_page, scheme):
    page = open_page(
        "/p/demo/",
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
    )
    web.database.shut()

    page.goto(f"{web.url}/p/demo/")

    look(page, f"503-phone-{scheme}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_stopped_part_is_told_on_a_phone_and_goes_by_itself(web, open_page, scheme):
    for name in parts.NAMES:
        hearing.hear(name)
    past = timezone.now() - timedelta(minutes=4)
    Part.objects.filter(name__in=["engine", "beat"]).update(heard_at=past)

    page = open_page(
        "/p/demo/",
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
    )
    expect(page.locator("#stopped li")).to_have_count(2)
    look(page, f"stopped-phone-{scheme}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    for name in parts.NAMES:
        hearing.hear(name)

    expect(page.locator("#stopped")).to_have_count(0, timeout=20_000)
    assert wide <= 390
