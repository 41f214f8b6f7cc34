"""The drafts of a pair as tabs: shown in one editor, and accepted by their number."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Autosave, Candidate, KeptText, Lease, Review
from annotator.services import candidates
from revision_engine.types import DraftResult, PairText
from tests import factories, world
from tests.browser.test_desk import WCAG, focused_on_heading, swapped, typed
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHORT, LONG = "It is a number.", "It is a number, and numbers count things."


@pytest.fixture
def desk(enter, live_server):
    factories.make_member(factories.make_drafted(2), Role.ANNOTATOR, "anna")

    def open_(**context):
        page = enter("anna", **context)
        page.goto(f"{live_server.url}/p/demo/review/")
        steady(page)
        return page

    return open_


def ask(page, hint="Make it shorter."):
    """As a person asks; the request waits for an answer."""
    before = Candidate.objects.count()
    page.keyboard.press("c")
    page.fill("#hint", hint)
    page.keyboard.press("Enter")
    world.wait_for(lambda: Candidate.objects.count() > before, 20)
    return Candidate.objects.latest("pk")


def answer(candidate, response):
    text = PairText(instruction=candidate.lease.pair.instruction, response=response)
    candidates.store(result=DraftResult(key=str(candidate.pk), text=text))


def tab(page, number):
    return page.get_by_role("tab", name=f"Draft {number}")


def with_three(page):
    """The pair's own draft and two more, all there as tabs."""
    for number, text in ((2, SHORT), (3, LONG)):
        answer(ask(page), text)
        expect(tab(page, number)).to_be_visible()


def accept(page):
    return page.locator("[data-accepts] > span")


def test_a_draft_becomes_a_tab_and_takes_neither_focus_nor_text(desk):
    page = desk()
    expect(accept(page)).to_have_text("Accept draft")
    candidate = ask(page)
    expect(page.locator(".draft-under-way")).to_contain_text("Another draft")
    page.locator("#text-response").fill("Mine, and ")
    page.locator("#text-response").press_sequentially("still ")
    candidates.hear(candidate_id=candidate.pk, text="It is")
    expect(page.locator(".draft-under-way")).to_contain_text("It is")
    answer(candidate, SHORT)
    expect(tab(page, 2)).to_be_visible()
    page.keyboard.type("typing.")

    expect(page.locator("#text-response")).to_be_focused()
    assert typed(page) == "Mine, and still typing."
    expect(tab(page, 1)).to_have_attribute("aria-selected", "true")
    expect(accept(page)).to_have_text("Accept draft 1")
    expect(page.locator("[data-drafts-said]")).to_have_text("Draft 2 is there.")


def test_a_tab_shows_its_draft_against_raw_and_is_the_one_accepted(desk):
    page = desk()
    with_three(page)
    before = page.inner_text("h1")

    tab(page, 2).click()

    assert typed(page) == SHORT
    expect(page.locator("[aria-label=Response] .beside .hunk").first).to_be_visible()
    expect(accept(page)).to_have_text("Accept draft 2")
    page.keyboard.press("a")
    swapped(page, before)
    review = Review.objects.select_related("draft").get()
    assert (review.response, review.draft.response) == (SHORT, SHORT)
    assert review.decision == "accepted"
    chosen = Candidate.objects.exclude(chosen_at=None).get()
    assert chosen.draft == review.draft


def test_each_draft_keeps_what_was_typed_over_it_through_a_reload(desk):
    page = desk()
    with_three(page)
    own = typed(page)
    page.locator("#text-response").press("Control+End")
    page.keyboard.type(" First.")
    tab(page, 2).click()
    page.locator("#text-response").press("Control+End")
    page.keyboard.type(" Second.")
    saved = Autosave.objects.filter(response__endswith="Second.")
    world.wait_for(saved.exists, 20)
    page.reload()
    steady(page)

    expect(tab(page, 2)).to_have_attribute("aria-selected", "true")
    assert typed(page) == f"{SHORT} Second."
    tab(page, 1).click()
    assert typed(page) == f"{own} First."
    tab(page, 2).click()
    assert typed(page) == f"{SHORT} Second."
    assert KeptText.objects.filter(response=f"{own} First.").count() == 1


def test_arrows_and_digits_move_on_the_tabs_and_v_from_anywhere(desk):
    page = desk()
    with_three(page)

    tab(page, 1).focus()
    page.keyboard.press("ArrowRight")
    expect(tab(page, 2)).to_be_focused()
    assert typed(page) == SHORT
    page.keyboard.press("3")
    expect(tab(page, 3)).to_be_focused()
    assert typed(page) == LONG
    page.locator("h1").click()
    page.keyboard.press("v")
    expect(tab(page, 1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("3")
    expect(page.locator("#text-response")).to_be_focused()


def test_without_a_network_the_draft_on_screen_is_the_one_that_is_sent(desk):
    page = desk()
    with_three(page)
    before = page.inner_text("h1")
    page.context.set_offline(True)

    tab(page, 3).click()
    page.keyboard.press("Escape")
    page.locator("[data-accepts]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    swapped(page, before)

    assert Review.objects.get().draft.response == LONG


def test_another_tab_of_the_browser_shows_the_draft_in_hand(desk):
    page = desk()
    with_three(page)
    tab(page, 2).click()
    world.wait_for(lambda: Lease.objects.get(ended_at=None).draft.response == SHORT, 20)

    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("#elsewhere")).to_be_visible()
    steady(second)
    tab(second, 3).click()

    expect(tab(second, 2)).to_have_attribute("aria-selected", "true")
    assert typed(second) == SHORT


def test_drafts_are_chosen_without_scripts_too(desk):
    page = desk()
    with_three(page)
    plain = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    other = plain.new_page()
    other.goto(page.url)

    tab(other, 2).click()

    expect(tab(other, 2)).to_have_attribute("aria-selected", "true")
    assert typed(other) == SHORT
    expect(accept(other)).to_have_text("Accept draft 2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_tabs_fit_and_have_no_accessibility_violations(desk, scheme, width):
    page = desk(color_scheme=scheme, viewport={"width": width, "height": 800})
    with_three(page)
    ask(page, "Say it in the words of a child who has never heard of any number.")
    expect(page.locator(".draft-under-way")).to_be_visible()
    page.mouse.click(5, 5)

    found = Axe().run(page, options=WCAG)["violations"]

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_undo_brings_back_the_draft_that_was_accepted(desk, settings):
    settings.UNDO_SECONDS = 30
    page = desk()
    with_three(page)
    before = page.inner_text("h1")
    tab(page, 3).click()
    page.locator("h1").click()
    page.keyboard.press("a")
    swapped(page, before)

    page.keyboard.press("z")
    expect(page.locator("h1")).to_have_text(before)
    focused_on_heading(page)

    expect(tab(page, 3)).to_have_attribute("aria-selected", "true")
    assert typed(page) == LONG
