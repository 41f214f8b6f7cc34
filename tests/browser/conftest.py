"""A headless Chromium for every browser test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import factories, world

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
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


@pytest.fixture
def enter(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Sign a person in, in a browser window of their own."""

    def enter(name: str, **context) -> Page:
        size = {"width": 1280, "height": 800}
        page = browser.new_context(**{"viewport": size, **context}).new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{live_server.url}/login/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", factories.PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield enter
    # A page that closes still says so to the server; and the tables are emptied next.
    for context in browser.contexts:
        context.set_offline(True)
        context.close()
    world.wait_for(nothing_runs, 20)


def nothing_runs() -> bool:
    """Whether no other connection is in the middle of something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return cursor.fetchone()[0] == 0
