"""A large file goes up in pieces, through cut connections and a closed page."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.models import Batch, Upload
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = 9_000


@pytest.fixture
def file(tmp_path):
    """Of three pieces."""
    path = tmp_path / "large.jsonl"
    text = "A long answer, word for word. " * 80
    with path.open("w") as sink:
        for n in range(ROWS):
            row = {"instruction": f"Explain {n}.", "output": f"{n}: {text}"}
            sink.write(json.dumps(row) + "\n")
    assert path.stat().st_size > 2 * 8 * 1024 * 1024
    return path


@pytest.fixture
def page(enter, live_server):
    project = factories.make_project()
    factories.make_member(project, Role.LEAD, "lena")
    page = enter("lena")
    page.goto(f"{live_server.url}/p/demo/batches/")
    page.wait_for_load_state()
    return page


def choose(page, file):
    page.set_input_files("[name=file]", file)
    page.click("#upload button[type=submit]")


def test_a_cut_connection_costs_a_piece(page, file):
    cut = []

    def sometimes(route):
        if route.request.method == "PATCH" and len(cut) < 2:
            cut.append(route.request.headers["upload-offset"])
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/**", sometimes)
    choose(page, file)

    page.wait_for_url("**/batches/*/")
    expect(page.locator("h1")).to_contain_text("large.jsonl")
    assert cut == ["0", "0"]
    assert Batch.objects.get().size == file.stat().st_size
    connection.close()


def test_a_closed_page_goes_on_when_the_file_is_chosen_again(page, file, live_server):
    page.route(
        "**/uploads/**",
        lambda route: (
            route.abort("connectionreset")
            if route.request.headers.get("upload-offset", "0") != "0"
            else route.continue_()
        ),
    )
    choose(page, file)
    expect(page.locator(".upload [role=status]")).to_contain_text("goes on by itself")
    page.unroute("**/uploads/**")
    page.goto(f"{live_server.url}/p/demo/batches/")
    page.wait_for_load_state()
    first = Upload.objects.get()
    offsets = []
    page.on(
        "request", lambda asked: offsets.append(asked.headers.get("upload-offset", ""))
    )
    choose(page, file)

    page.wait_for_url("**/batches/*/")
    assert next(filter(None, offsets)) == str(first.received) != "0"
    assert Upload.objects.count() == 1
    connection.close()


def test_what_is_cancelled_is_gone_and_the_form_is_there_again(page, file):
    page.route(
        "**/uploads/*/",
        lambda route: (
            route.abort("connectionreset")
            if route.request.method == "PATCH"
            else route.continue_()
        ),
    )
    choose(page, file)
    page.click(".upload button")
    expect(page.locator(".upload")).to_have_count(0)
    expect(page.locator("#upload button[type=submit]")).to_be_enabled()
    assert not Upload.objects.exists()
    connection.close()


def test_what_is_cancelled_while_it_begins_is_gone_too(page, file):
    begun = []
    page.route(
        "**/uploads/", lambda route: begun.append((route, route.fetch().headers))
    )
    choose(page, file)
    while not begun:
        page.wait_for_timeout(20)
    page.click(".upload button")
    page.wait_for_timeout(100)
    [(route, headers)] = begun
    route.fulfill(status=201, headers=headers)
    expect(page.locator(".upload")).to_have_count(0)
    assert not Upload.objects.exists()
    connection.close()


def test_a_refusal_is_said_in_the_servers_words(page, file, monkeypatch, settings):
    settings.UPLOAD_MAX_BYTES = 1_000
    choose(page, file)
    expect(page.locator("#notices")).to_contain_text("1 to 1,000 are taken")
    expect(page.locator("#upload button[type=submit]")).to_be_enabled()
    connection.close()
