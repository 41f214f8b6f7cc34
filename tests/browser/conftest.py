"""A headless Chromium for every browser test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import factories

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--no-first-run"
)


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine.")
    # Playwright keeps an event loop on this thread; the ORM is still used from it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS.split()
        )
        yield browser
        browser.close()


@pytest.fixture
def enter(browser: Browser, live_server) -> Callable[..., Page]:
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

    return enter
