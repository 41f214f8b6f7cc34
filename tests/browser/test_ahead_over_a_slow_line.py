"""What fetching the next pair ahead saves a person whose line is slow.

Two browsers press *accept* by turns, one that fetches ahead and one that may not, at a
deployed web process. Both wait for the answer to the deed (ADR 33), so the latency of a
line is not saved; the way of the page is, where the line is thin.
"""

from __future__ import annotations

import random
from statistics import median

import pytest

from annotator.domain.roles import Role
from tests import factories
from tests.browser.test_weight import web  # noqa: F401 (a fixture)
from tests.browser.waits import steady
from tests.web_process import session_of

pytestmark = [
    *(pytest.mark.browser, pytest.mark.timed),
    pytest.mark.django_db(transaction=True),
]
TURNS = 8
WORDS = 600
DOWN, LATENCY = 6_250, 500
"""A thin line: bytes a second, and milliseconds until anything comes."""
PRESS = """() => new Promise((drawn) => {
  const before = document.querySelector("h1").innerText;
  const start = performance.now();
  document.querySelector("[data-accepts]").click();
  const look = () => {
    const now = document.querySelector("h1")?.innerText;
    if (!now || now === before) requestAnimationFrame(look);
    else requestAnimationFrame(() => drawn(performance.now() - start));
  };
  look();
})"""
"""From the press to the next pair on screen, in milliseconds."""
FETCHED = """(before) => performance.getEntriesByType("resource")
  .filter((each) => each.name.endsWith("/review/ahead/")).length > before"""
"""Whether more pages have come ahead than were opened."""


def long_rows(count: int) -> list[dict[str, str]]:
    """Pairs as long as a good answer is, of words that hardly compress."""
    chance = random.Random(7)

    def word() -> str:
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6))

    return [
        {
            "instruction": f"Explain the word number {number}.",
            "output": " ".join(word() for _ in range(WORDS)),
        }
        for number in range(count)
    ]


def desk(browser, web, person):  # noqa: F811
    context = browser.new_context()
    session = {"name": "sessionid", "value": session_of(person), "url": web.url}
    context.add_cookies([session])
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{web.url}/p/demo/review/")
    steady(page)
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": DOWN,
            "uploadThroughput": DOWN,
        },
    )
    return page


def test_the_next_pair_is_on_screen_sooner(browser, web):  # noqa: F811
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, long_rows(2 * TURNS + 8))
    factories.draft_all(project)
    people = [
        factories.make_member(project, Role.ANNOTATOR, each) for each in ("anna", "ben")
    ]
    fetching, waiting = (desk(browser, web, each) for each in people)
    waiting.route("**/review/ahead/", lambda route: route.abort())
    took: dict[str, list[float]] = {"with": [], "without": []}

    for turn in range(TURNS):
        for page in (fetching, waiting) if turn % 2 else (waiting, fetching):
            steady(page)
            if page is fetching:
                page.wait_for_function(FETCHED, arg=turn)
            key = "with" if page is fetching else "without"
            took[key].append(page.evaluate(PRESS))

    assert median(took["with"]) < median(took["without"]), took
