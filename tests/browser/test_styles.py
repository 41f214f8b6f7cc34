"""What the stylesheets declare is known to a browser."""

from __future__ import annotations

import pytest
import tinycss2

from tests.stylesheets import every_rule, within

pytestmark = pytest.mark.browser
UNKNOWN = "asked => asked.filter(([name, value]) => !CSS.supports(name, value))"


def test_a_browser_takes_every_declaration(browser):
    asked = {
        (each.name, told(each)): str(rule)
        for rule in every_rule()
        for each in rule.declared
        if not each.name.startswith("--")
    }
    page = browser.new_page()

    unknown = page.evaluate(UNKNOWN, [*asked, ("colour", "red"), ("color", "rot")])

    assert [(asked.get((name, value)), name, value) for name, value in unknown] == [
        (None, "colour", "red"),
        (None, "color", "rot"),
    ]


def told(declared) -> str:
    """The value; what holds a token is only looked up by the property's name."""
    parts = within(declared.value)
    if any(part.type == "function" and part.lower_name == "var" for part in parts):
        return "var(--x)"
    return tinycss2.serialize(declared.value).strip()
