"""The next pair lies in the browser before it is asked for, and goes back unused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Lease, Pair, Prefetch, Review
from annotator.services import guiding
from tests import factories, world
from tests.browser.test_desk import swapped, typed
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project():
    project = factories.make_drafted(6)
    factories.make_member(project, Role.ANNOTATOR, "anna")
    return project


@pytest.fixture
def desk(enter, live_server, project):
    page = enter("anna")
    page.goto(f"{live_server.url}/p/demo/review/")
    steady(page)
    return page


def fetched(page):
    """What lies ready, once this page has it."""
    with page.expect_response("**/review/ahead/") as told:
        pass
    assert told.value.status == 200
    told.value.finished()
    page.wait_for_timeout(100)
    return Prefetch.objects.get()


def answer_to(page, press):
    """The answer to the deed that a press sends."""
    with page.expect_response("**/submit/") as told:
        press()
    return told.value


def test_the_answer_to_a_deed_brings_only_the_top_of_the_next_pair(desk, settings):
    settings.UNDO_SECONDS = 30
    ready, before = fetched(desk), desk.inner_text("h1")

    answer = answer_to(desk, lambda: desk.keyboard.press("a"))
    swapped(desk, before)

    assert answer.headers["x-ahead-opened"].startswith(str(ready.token))
    assert "textarea" not in answer.text()
    expect(desk.locator("h1")).to_have_text(f"Pair {ready.pair_id}")
    expect(desk.locator(".undo")).to_contain_text("is submitted")
    expect(desk.locator("#work")).to_contain_text("1 today")
    assert typed(desk) == Pair.objects.get(pk=ready.pair_id).draft.response
    assert Lease.objects.get(ended_at=None).token == ready.token


def test_the_pair_that_lay_ready_is_worked_on_like_any_other(desk):
    fetched(desk)
    before = desk.inner_text("h1")
    desk.keyboard.press("a")
    swapped(desk, before)
    second = desk.inner_text("h1")
    fetched(desk)

    desk.locator("#text-response").press("Control+End")
    desk.keyboard.type(" And mine.")
    expect(desk.locator(".saved")).to_contain_text("saved")
    desk.keyboard.press("Control+Enter")
    swapped(desk, second)

    newest = Review.objects.latest("pk")
    assert newest.response.endswith(" And mine.")
    assert newest.active_seconds < newest.wall_seconds + 0.1 < 30


def test_a_double_click_opens_it_once_and_decides_nothing(desk):
    ready, before = fetched(desk), desk.inner_text("h1")

    desk.locator("[data-accepts]").dblclick()
    swapped(desk, before)

    assert Review.objects.count() == 1
    assert Lease.objects.filter(pair=ready.pair).count() == 1
    assert Lease.objects.get(pair=ready.pair).ended_at is None


def test_a_deed_that_waited_for_the_network_opens_it_too(desk):
    ready, before = fetched(desk), desk.inner_text("h1")
    desk.context.set_offline(True)
    desk.keyboard.press("a")
    expect(desk.locator("[data-waiting]")).to_be_visible()
    expect(desk.locator("h1")).to_have_text(before)
    assert Lease.objects.filter(pair=ready.pair).count() == 0

    desk.context.set_offline(False)
    desk.evaluate("window.dispatchEvent(new Event('online'))")
    swapped(desk, before)

    expect(desk.locator("h1")).to_have_text(f"Pair {ready.pair_id}")
    assert Review.objects.count() == 1


def test_a_page_that_closes_gives_it_back(desk):
    fetched(desk)

    desk.goto("about:blank")

    world.wait_for(lambda: not Prefetch.objects.exists(), 20)
    assert not Lease.objects.filter(pair__state="ready").exists()


def test_who_signs_out_gives_it_back_though_the_page_cannot(desk):
    fetched(desk)
    desk.route("**/give-back/", lambda route: route.abort())

    desk.locator("details.account > summary").click()
    desk.get_by_role("button", name="Sign out").click()
    desk.wait_for_url(lambda url: "/login/" in url)

    assert not Prefetch.objects.exists()


def test_another_tab_neither_reserves_nor_gives_it_back(desk):
    ready = fetched(desk)
    second = desk.context.new_page()
    second.goto(desk.url)
    expect(second.locator("#elsewhere")).to_be_visible()
    second.wait_for_timeout(2500)  # its own question is answered with nothing
    second.close()
    before = desk.inner_text("h1")
    assert Prefetch.objects.get().token == ready.token

    desk.bring_to_front()
    desk.keyboard.press("a")
    swapped(desk, before)

    expect(desk.locator("h1")).to_have_text(f"Pair {ready.pair_id}")


def test_a_page_that_would_be_drawn_otherwise_now_comes_whole(desk, project):
    ready, before = fetched(desk), desk.inner_text("h1")
    lead = factories.make_member(project, Role.LEAD)
    guiding.write(project=project, author=lead, body="Be *short*.")

    answer = answer_to(desk, lambda: desk.keyboard.press("a"))
    swapped(desk, before)

    assert "x-ahead-opened" not in answer.headers
    expect(desk.locator("h1")).to_have_text(f"Pair {ready.pair_id}")
    expect(desk.locator("#guideline")).to_contain_text("version 1")


def test_undo_goes_back_and_the_pair_that_lay_ready_is_opened_again(desk, settings):
    settings.UNDO_SECONDS = 30
    ready, first = fetched(desk), desk.inner_text("h1")
    desk.keyboard.press("a")
    swapped(desk, first)

    desk.keyboard.press("z")
    expect(desk.locator("h1")).to_have_text(first)
    steady(desk)
    desk.keyboard.press("a")
    swapped(desk, first)

    expect(desk.locator("h1")).to_have_text(f"Pair {ready.pair_id}")
