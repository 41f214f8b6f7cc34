"""A rater's desk under the hand: keys, undo, a sign-out in the middle, a phone; axe."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from annotator.models import BlindAnswer
from tests import blind, factories
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(autouse=True)
def time_to_undo(settings):
    settings.UNDO_SECONDS = 30


@pytest.fixture
def made():
    return blind.made_report()


@pytest.fixture
def at(enter, live_server):
    def at(rating, **context):
        page = enter("rita", **context)
        page.goto(f"{live_server.url}/p/demo/ratings/{rating.pk}/")
        steady(page)
        return page

    return at


def done(page, n):
    expect(page.locator(".desk-head")).to_contain_text(f"{n} of 8 by you")
    steady(page)


def test_two_texts_are_compared_by_keys_and_the_last_answer_undone(made, at):
    rating = blind.asked(*made)
    page = at(rating)
    left = page.locator(".sides .side").first.locator(".reading").last.inner_text()

    page.keyboard.press("1")
    done(page, 1)
    first = BlindAnswer.objects.given().get()
    page.keyboard.press("2")
    done(page, 2)
    expect(page.locator(".undo")).to_contain_text("Your answer is kept.")
    page.keyboard.press("z")
    done(page, 1)

    assert first.pair.text(first.choice).response == left
    assert BlindAnswer.objects.given().get() == first
    page.keyboard.press("3")
    done(page, 2)
    assert BlindAnswer.objects.given().exclude(pk=first.pk).get().choice != "tie"


def test_a_text_is_rated_by_numbers(made, at):
    rating = blind.asked(*made, mode="rate", texts=4)
    page = at(rating)
    page.keyboard.press("i")
    page.keyboard.type("70")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("85")
    page.keyboard.press("Enter")
    done(page, 1)

    said = BlindAnswer.objects.given().get()
    assert (said.instruction, said.response) == (70, 85)
    expect(page.locator("#score-response")).to_have_value("")
    page.keyboard.press("p")
    done(page, 2)
    assert BlindAnswer.objects.filter(is_passed=True).count() == 1


def test_what_is_typed_outlives_a_sign_out_and_counts_after_it(made, at):
    rating = blind.asked(*made, mode="rate", texts=4)
    page = at(rating)
    page.fill("#score-instruction", "70")
    page.fill("#score-response", "85")
    Session.objects.all().delete()

    page.press("#score-response", "Enter")
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#score-response")).to_have_value("85")
    assert not BlindAnswer.objects.given().exists()
    page.fill("#sign-in [name=password]", factories.PASSWORD)
    page.press("#sign-in [name=password]", "Enter")
    done(page, 1)

    said = BlindAnswer.objects.given().get()
    assert (said.instruction, said.response) == (70, 85)


def test_an_answer_that_got_no_answer_is_sent_again_and_counts_once(made, at):
    page = at(blind.asked(*made))
    seen = []

    def lose(route):
        route.fetch()
        seen.append(route.request.url)
        route.abort()

    page.route("**/answer/", lose, times=1)
    page.keyboard.press("2")
    done(page, 1)

    assert len(seen) == 1
    assert BlindAnswer.objects.given().count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("mode", ["rate", "compare"])
def test_the_desk_is_accessible_and_fits(made, at, mode, width, scheme):
    rating = blind.asked(*made, mode=mode)
    page = at(rating, viewport={"width": width, "height": 800}, color_scheme=scheme)

    found = Axe().run(page, options=WCAG)

    assert not found["violations"], found["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    answers = page.locator("#actions .decide")
    for each in answers.all():
        box = each.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
