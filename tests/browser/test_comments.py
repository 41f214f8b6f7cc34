"""Comments in the drawer of the desk: kept, completed, checked; the pen stays."""

from __future__ import annotations

import os

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Autosave, Comment, Notice
from tests import factories
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def project():
    project = factories.make_drafted(3)
    for role in Role:
        factories.make_member(project, role)
    return project


def test_a_comment_is_kept_completed_checked_and_sent(enter, live_server, project):
    page = enter("annotator")
    page.goto(f"{live_server.url}/p/demo/review/")
    steady(page)
    page.locator("#text-response").fill("My own answer.")
    expect(page.locator(".saved")).to_contain_text("saved")
    page.locator("#text-response").select_text()
    page.locator("h1").click()
    page.keyboard.press("o")
    box = page.locator("#threads #comment-body")
    expect(box).to_be_focused()
    expect(page.locator("[data-quoted] blockquote")).to_have_text("My own answer.")

    box.press_sequentially("@zoe and @le")
    box.press("Enter")
    expect(box).to_have_value("@zoe and @lead ")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/drawer.png")
    page.reload()
    steady(page)
    page.locator("#threads > summary").click()
    expect(box).to_have_value("@zoe and @lead ")

    page.locator("#threads button.primary").click()
    expect(page.locator("[data-unknown-note]").last).to_contain_text("@zoe")
    assert not Comment.objects.exists()
    page.locator("#threads button.primary").click()
    expect(page.locator(".thread")).to_contain_text("@zoe and @lead")
    expect(box).to_have_value("")

    made = Comment.objects.get()
    assert (made.field, made.quote) == ("response", "My own answer.")
    assert [each.person.username for each in Notice.objects.all()] == ["lead"]
    assert Autosave.objects.get().response == "My own answer."
    found = Axe().run(page, options=WCAG)["violations"]
    assert [each["id"] for each in found] == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#threads[open]")).to_have_count(0)
    if SHOTS:
        shoot(page, live_server)


def shoot(page, live_server) -> None:
    """Pictures to look at, where SHOTS names a folder."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for name, path in {
                "inbox": "inbox/",
                "ways": "inbox/choices/",
                "own": "p/demo/mine/reviews/",
            }.items():
                page.goto(f"{live_server.url}/{path}")
                page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png")
        page.goto(f"{live_server.url}/p/demo/review/")
        steady(page)
        page.locator("#threads > summary").click()
        page.locator(".thread").first.wait_for()
        page.screenshot(path=f"{SHOTS}/desk-{width}.png")


def test_what_is_typed_survives_a_sign_out(enter, live_server, project):
    page = enter("annotator")
    page.goto(f"{live_server.url}/p/demo/review/")
    steady(page)
    page.locator("#threads > summary").click()
    box = page.locator("#threads #comment-body")
    box.fill("Not lost.")
    page.context.clear_cookies()

    page.locator("#threads button.primary").click()
    dialog = page.locator("#sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(factories.PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    expect(dialog).to_be_hidden()
    expect(box).to_have_value("Not lost.")
    page.locator("#threads button.primary").click()

    expect(page.locator(".thread")).to_contain_text("Not lost.")
    assert Comment.objects.count() == 1
