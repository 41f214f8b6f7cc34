"""Every page, in both languages and both schemes: what each must keep.

One walk over one world: a page is opened once a language, and asked everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Page

from annotator.services import first_admin
from tests import factories
from tests.browser import every_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LANGUAGES = ("en", "zh-CN")
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 800}
GRAVE = {"serious", "critical"}
FOUND = {"resultTypes": ["violations"], "preload": False, "selectors": False}
WORDS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"color-contrast": {"enabled": False}},
    **FOUND,
}
COLOURS = {"runOnly": ["color-contrast"], **FOUND}
AXE = Axe()
OPEN = """() => {
  for (const each of document.querySelectorAll("main details")) each.open = true;
}"""
LOOK = """() => {
  const seen = each => each.checkVisibility({visibilityProperty: true}) &&
    each.getClientRects().length && !each.closest(".unseen, .skip");
  const all = selector => [...document.querySelectorAll(selector)]
    .filter(seen).map(each => each.textContent.trim());
  const small = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement: at} = texts.currentNode;
    if (!data.trim() || at.closest("script, style, template, noscript")) continue;
    const size = parseFloat(getComputedStyle(at).fontSize);
    if (size < 14 && seen(at)) small.add(`${at.tagName} of ${size} px: ${data.trim()}`);
  }
  return {small: [...small], primary: all(".primary"), headlines: all("main h1")};
}"""


def walk(enter: Callable[..., Page], url: str) -> Iterator[tuple[str, Page]]:
    """(language and address' name, the open page) of every page."""
    world = every_page.make()
    opened: dict[tuple[str, str], Page] = {}
    for person, name, address in every_page.pages(world):
        for language in LANGUAGES:
            if (person, language) not in opened:
                opened[person, language] = enter(
                    person, locale=language, reduced_motion="reduce"
                )
            page = opened[person, language]
            page.goto(url + address)
            if "reauthenticate" in page.url and name != "account_reauthenticate":
                page.fill("main [name=password]", factories.PASSWORD)
                page.press("main [name=password]", "Enter")
                page.wait_for_url(lambda at: "reauthenticate" not in at)
            yield f"{language} {name}", page


def faults(page: Page, *, with_colours: bool) -> Iterator[str]:
    """Sentences on what is wrong with the page that is open."""
    page.set_viewport_size(WIDE)
    at_rest = page.evaluate(LOOK)
    if len(at_rest["primary"]) > 1:
        yield f"more than one next action: {at_rest['primary']}"
    if len(at_rest["headlines"]) != 1:
        yield f"not one headline: {at_rest['headlines']}"
    page.evaluate(OPEN)
    yield from page.evaluate(LOOK)["small"]
    yield from grave(page, WORDS)
    for scheme in ("light", "dark") if with_colours else ():
        page.emulate_media(color_scheme=scheme)
        yield from (f"{scheme}: {each}" for each in grave(page, COLOURS))
    page.set_viewport_size(PHONE)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        yield f"{wide} px wide on a phone"


def grave(page: Page, options: dict[str, Any]) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    for each in found:
        if each["impact"] in GRAVE:
            yield from (
                f"{each['id']}: {node['html'][:200]}" for node in each["nodes"][:3]
            )


@pytest.mark.timeout(900)
def test_no_page_has_a_grave_fault(enter, live_server):
    told = []
    for name, page in walk(enter, live_server.url):
        # Contrast is of the style alone: in one language is enough.
        found = faults(page, with_colours=name.startswith("en "))
        told += [f"{name}: {each}" for each in found]
    connection.close()

    assert told == [], "\n".join(told)


def test_no_page_of_an_empty_installation_has_one(browser, live_server):
    token = first_admin.issue()
    told = []
    for language in LANGUAGES:
        page = browser.new_context(locale=language, reduced_motion="reduce").new_page()
        for address in ("/", f"/first/{token}/", "/first/wrong/"):
            page.goto(live_server.url + address)
            found = faults(page, with_colours=language == "en")
            told += [f"{language} {address}: {each}" for each in found]
    factories.make_project()
    factories.make_member(factories.make_project(slug="b"), "lead", "lea")
    page.goto(f"{live_server.url}/login/")
    told += [f"login: {each}" for each in faults(page, with_colours=True)]
    connection.close()

    assert told == [], "\n".join(told)
