"""The first day of a team: an empty installation, and the first pair goes out."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from playwright.sync_api import expect

from annotator import tasks
from annotator.domain.states import PairState
from annotator.models import Export, Pair, Project
from annotator.services import exporting, first_admin
from tests import factories
from tests.browser.waits import steady
from training.selectors import active_coach

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long one, and new"


def test_from_an_empty_installation_to_the_first_export(browser, live_server, tmp_path):
    ada = browser.new_context().new_page()
    ada.set_default_timeout(20_000)

    # Nobody is here: the way in says where the first admin's address stands.
    ada.goto(live_server.url)
    expect(ada.locator("h1")).to_contain_text("This installation is new")
    ada.goto(f"{live_server.url}/first/{first_admin.issue()}/")
    ada.fill("[name=username]", "ada")
    ada.fill("[name=password1]", PASSWORD)
    ada.fill("[name=password2]", PASSWORD)
    ada.click("main button[type=submit]")

    # A project, and a file whose columns have names of their own.
    ada.click("text=Make the first project")
    ada.fill("[name=name]", "Alltagsfragen")
    ada.fill("[name=slug]", "fragen")
    ada.click("main button[type=submit]")
    ada.wait_for_url("**/p/fragen/batches/")
    file = tmp_path / "fragen.csv"
    file.write_text(
        "frage,antwort,nr\nWas heißt Tor?,Eine Tür.,1\nWas heißt Moos?,Grün.,2\n"
    )
    ada.wait_for_load_state()
    ada.set_input_files("[name=file]", file)
    ada.click("#upload button[type=submit]")
    ada.wait_for_url("**/mapping/")
    expect(ada.locator("#preview")).to_contain_text("Was heißt Tor?")
    ada.click("button[name=action][value=import]")
    ada.wait_for_url(lambda url: url.endswith("/") and "mapping" not in url)
    assert Pair.objects.count() == 2

    # Somebody is invited, and comes in by another browser.
    ada.goto(f"{live_server.url}/p/fragen/members/")
    ada.select_option("#invite_role", "annotator")
    ada.click("text=Make a link")
    ben = browser.new_context().new_page()
    ben.set_default_timeout(20_000)
    ben.goto(ada.input_value("#link"))
    ben.fill("[name=username]", "ben")
    ben.fill("[name=password]", PASSWORD)
    ben.click("text=Make my account and join")
    ben.wait_for_url("**/p/fragen/")

    # The coach's first drafts are there; he mends one.
    project = Project.objects.get(slug="fragen")
    if active_coach(project.scope) is None:
        factories.make_coach(project)
    factories.draft_all(project)
    ben.goto(f"{live_server.url}/p/fragen/review/")
    steady(ben)
    _hand_in(ben, "So heißt eine große Tür.")

    # She sends it back, he corrects it, she accepts it.
    ada.goto(f"{live_server.url}/p/fragen/quality/")
    steady(ada)
    ada.get_by_text("Send back…").click()
    ada.locator("details[open] input[type=checkbox]").first.check()
    ada.get_by_role("button", name="Send back to the author").click()
    expect(ada.locator("h1")).to_contain_text("No review is waiting")
    ben.goto(f"{live_server.url}/p/fragen/")
    expect(ben.locator("main")).to_contain_text("came back")
    ben.goto(f"{live_server.url}/p/fragen/review/")
    steady(ben)
    if "Was heißt Tor?" not in ben.inner_text("main"):  # he held another one
        with ben.expect_navigation():
            ben.keyboard.press("g")
        ben.goto(f"{live_server.url}/p/fragen/review/")
        steady(ben)
    _hand_in(ben, "So heißt eine große Tür in einer Mauer.")
    ada.goto(f"{live_server.url}/p/fragen/quality/")
    steady(ada)
    ada.keyboard.press("a")
    expect(ada.locator("h1")).to_contain_text("No review is waiting")
    assert Pair.objects.in_state(PairState.ACCEPTED).count() == 1

    # What is accepted goes out, under the names it came with.
    ada.goto(f"{live_server.url}/p/fragen/export/")
    with ada.expect_navigation():
        ada.click("text=Write the file")
    tasks.write_exports()
    for export in Export.objects.filter(state=Export.State.WAITING):
        exporting.write(export.pk)
    ada.goto(f"{live_server.url}/p/fragen/export/")
    with ada.expect_download() as download:
        ada.get_by_role("link", name="Download").first.click()
    (row,) = map(json.loads, download.value.path().read_text().splitlines())
    assert row["output"] == "So heißt eine große Tür in einer Mauer."
    assert (row["nr"], row["instruction"]) == ("1", "Was heißt Tor?")
    for page in (ada, ben):
        page.context.close()
    connection.close()


def _hand_in(page, text):
    before = page.inner_text("h1")
    page.fill("#text-response", text)
    expect(page.locator(".saved")).to_contain_text("saved")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).not_to_have_text(before)
