"""The same journey through the pages, in headless Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Pair, Review
from tests import factories, world
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_whole_loop_through_the_pages(enter, live_server, settings, tmp_path: Path):
    world.prepare(settings, tmp_path)
    project = factories.make_project()
    world.first_coach(settings, project)
    for role in (Role.ANNOTATOR, Role.REVIEWER, Role.ADMIN):
        factories.make_member(project, role)
    home = f"{live_server.url}/p/demo"
    pairs = tmp_path / "pairs.json"
    given = factories.rows(14, revised=True)
    for row in given[10:]:
        del row["Revised Response"], row["Revised Instruction"], row["Revised Input"]
    pairs.write_text(json.dumps([*given, {"instruction": "no answer"}]))

    with world.worker():
        # An admin imports a file; the bad row is named.
        ada = enter("admin", by_form=True)
        ada.goto(f"{home}/batches/")
        ada.set_input_files("input[type=file]", pairs)
        ada.check("[name=revised_as_accepted]")
        ada.click("main button[type=submit]")
        expect(ada.locator("#rejects")).to_contain_text("15")
        world.wait_for(lambda: Pair.objects.filter(state=PairState.READY).count() == 4)

        # An annotator edits one; the next follows on the same page.
        anna = enter("annotator")
        anna.goto(f"{home}/review/")
        steady(anna)
        before = anna.inner_text("h1")
        anna.fill("#text-response", "A better answer, typed by a person.")
        expect(anna.locator(".saved")).to_contain_text("saved")
        anna.keyboard.press("Control+Enter")
        expect(anna.locator("h1")).not_to_have_text(before)
        assert Review.objects.filter(response__startswith="A better answer").exists()

        # A second person accepts it.
        rosa = enter("reviewer")
        rosa.goto(f"{home}/quality/")
        expect(rosa.locator("#work")).to_contain_text("A better answer")
        steady(rosa)
        rosa.keyboard.press("a")
        expect(rosa.locator("h1")).to_contain_text("No review is waiting")

        # The admin trains, watches and promotes.
        ada.goto(f"{home}/coaches/")
        ada.get_by_text("Choose what it learns from").click()
        ada.fill("[name=alpha]", "1")
        ada.fill("[name=epochs]", "1")
        ada.fill("[name=rank]", "2")
        ada.click("#train button[type=submit]")
        expect(ada.get_by_role("alert")).to_contain_text("rank is 4 in first coach")
        ada.fill("[name=rank]", "4")
        ada.click("#train button[type=submit]")
        ada.wait_for_url("**/runs/*/")
        expect(ada.locator("#promote")).to_be_visible(timeout=150_000)
        expect(ada.locator(".gate")).to_contain_text("hold")
        ada.fill("[name=reason]", "the held-out pairs are too few to tell")
        ada.click("#promote")
        ada.wait_for_url("**/coaches/")
        expect(ada.locator("main")).to_contain_text("coach 2")

        # What nobody has opened is drafted by the new coach.
        fresh = Pair.objects.filter(state=PairState.READY, draft__coach__number=2)
        world.wait_for(fresh.exists)
        for person in (ada, anna, rosa):
            person.context.close()


def test_keys_rest_while_typing_and_typed_text_survives_a_reload(enter, live_server):
    project = factories.make_drafted(2)
    factories.make_member(project, Role.ANNOTATOR)
    anna = enter("annotator")
    anna.goto(f"{live_server.url}/p/demo/review/")

    anna.click("#text-response")
    anna.keyboard.type("kaxg")
    expect(anna.locator(".saved")).to_contain_text("saved")
    anna.reload()

    assert "kaxg" in anna.input_value("#text-response")
    assert not Review.objects.exists()
    anna.context.close()


def test_it_works_without_javascript(browser: Browser, live_server):
    project = factories.make_drafted(2)
    factories.make_member(project, Role.ANNOTATOR)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/login/")
    page.fill("[name=username]", "annotator")
    page.fill("[name=password]", factories.PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    page.goto(f"{live_server.url}/p/demo/review/")

    page.fill("[name=response]", "Typed without any script.")
    with page.expect_navigation():
        page.click("button[value=save]")

    assert "/review/" in page.url
    assert Review.objects.get().response == "Typed without any script."
    page.context.close()
