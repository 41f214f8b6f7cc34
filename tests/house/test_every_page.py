"""The walk of tests/browser/test_every_page.py has every page."""

from __future__ import annotations

from tests.browser.every_page import NO_PAGES, OF_NOBODY, WALKED
from tests.house.test_house import ALL, NEEDS_A_ROW, OF_NO_PROJECT


def test_every_address_is_walked_or_is_no_page():
    named = ALL | NEEDS_A_ROW | OF_NO_PROJECT

    assert named - WALKED - OF_NOBODY == NO_PAGES
