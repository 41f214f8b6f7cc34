"""A headless Chromium for every browser test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from annotator.config import testing
from tests import factories, world

CHROMIUM = testing.chromium()
expect.set_options(timeout=20_000)  # two slow cores draw a page in seconds
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--no-first-run"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file: Playwright keeps an event loop on this thread meanwhile, and
    tests of other files start their own."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The ORM is still used from this thread.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS.split()
        )
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def nobody_stays(browser: Browser, transactional_db) -> Iterator[None]:
    """After a test, passed or failed, close its pages and wait for what they asked for.

    The tables are emptied next, and after that pytest-django lets nobody at the
    database: a request still under way would be answered with 500.
    """
    yield
    for context in browser.contexts:
        context.set_offline(True)  # a page that closes still says so to the server
        context.close()
    world.wait_for(nothing_runs, 20)


@pytest.fixture
def enter(browser: Browser, live_server) -> Callable[..., Page]:
    """Sign a person in, in a browser window of their own: by the form, or as if they
    had been there before."""

    def enter(name: str, *, by_form: bool = False, **context) -> Page:
        size = {"width": 1280, "height": 800}
        window = browser.new_context(**{"viewport": size, **context})
        page = window.new_page()
        page.set_default_timeout(20_000)
        if by_form:
            page.goto(f"{live_server.url}/login/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", factories.PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
        else:
            window.add_cookies([session_of(name, live_server.url)])
        return page

    return enter


def session_of(name: str, address: str) -> Any:
    """The cookie of a person who has just signed in."""
    client = Client()
    assert client.login(username=name, password=factories.PASSWORD)
    key = settings.SESSION_COOKIE_NAME
    return {"name": key, "value": client.cookies[key].value, "url": address}


def nothing_runs() -> bool:
    """Whether no request is being answered here, and no other session is at work."""
    if any("process_request_thread" in each.name for each in threading.enumerate()):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return cursor.fetchone()[0] == 0
