"""A quiet coach on the desk: the raw pair, one line why, and the draft on a key."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Lease, Pair, Project, Review
from annotator.services import drafting
from revision_engine.types import DraftResult
from tests import estimates, factories
from tests.browser.test_desk import WCAG
from tests.browser.waits import steady
from training.selectors import active_coach

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(monkeypatch) -> Project:
    monkeypatch.setattr("annotator.services.holding_back.SHOWN_ANYWAY", 0.0)
    project = factories.make_project()
    factories.make_coach(project)
    estimates.give(active_coach(project.scope))
    factories.import_rows(project, factories.rows(2))
    batch = drafting.take_batch(project)
    drafting.store(
        coach_id=batch.coach.pk,
        results=[
            DraftResult(
                key=request.key,
                text=factories.better(request.text),
                mean_logprob=estimates.UNSURE,
            )
            for request in batch.requests
        ],
    )
    return project


@pytest.fixture
def scheme() -> str:
    return "light"


@pytest.fixture
def page(project, enter, live_server, scheme):
    factories.make_member(project, Role.ANNOTATOR, "anna")
    page = enter("anna", color_scheme=scheme)
    page.goto(f"{live_server.url}/p/demo/review/")
    steady(page)
    return page


def editor(page):
    return page.locator("#text-response")


def test_it_shows_the_raw_pair_says_why_and_the_draft_on_a_key(page):
    pair = Lease.objects.get().pair
    expect(page.locator("#candidates")).to_contain_text("The coach keeps quiet")
    expect(editor(page)).to_have_value(pair.response)
    expect(editor(page)).to_be_visible()

    page.keyboard.press("v")

    tab = page.get_by_role("tab", name="Draft 1")
    expect(tab).to_be_focused()
    expect(page.locator("#candidates")).not_to_contain_text("keeps quiet")
    page.keyboard.press("Enter")
    expect(editor(page)).to_have_value(factories.better(pair.text).response)
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("h1")).not_to_contain_text(f"Pair {pair.pk}")
    review = Review.objects.get()
    assert review.text == factories.better(pair.text)
    assert review.draft == Pair.objects.get(pk=pair.pk).draft.held_back
    connection.close()


def test_asking_for_it_takes_nothing_that_was_typed(page):
    editor(page).fill("Mine.")
    page.get_by_role("button", name="Show its draft").click()
    expect(page.get_by_role("tab", name="Draft 1")).to_be_visible()
    expect(editor(page)).to_have_value("Mine.")
    connection.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_open_to_all(page):
    found = Axe().run(page, options=WCAG)
    assert found["violations"] == []
    connection.close()
