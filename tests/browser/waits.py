"""What a browser test waits for before it goes on."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def steady(page: Page) -> None:
    """The pair has been on screen for so long that a press counts."""
    expect(page.locator("#work[data-steady]")).to_be_attached()
