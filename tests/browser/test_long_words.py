"""A word of 300 letters stays in its card, on every page, on a phone and on a desk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Pair, Project
from annotator.services import commenting, guiding, quality, reviewing
from revision_engine.types import PairText
from tests import factories
from training.models import CoachVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbau" * 6
SHOTS = os.environ.get("COACHLM_SHOTS")
"""A folder to look at: each page's picture, where it is given."""
# Elements whose text or box leaves the card that they are in, and that nothing scrolls.
BROKEN_OUT = """() => {
  const style = (e) => getComputedStyle(e);
  const isHeld = (e) => {
    for (let p = e; p && p.id !== "main"; p = p.parentElement)
      if (style(p).overflowX !== "visible") return true;
    return false;
  };
  const out = (e) => {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || !e.checkVisibility()) return false;
    if (e.closest(".unseen, svg, canvas, option") || isHeld(e)) return false;
    const card = e.closest(".panel, .callout, #main").getBoundingClientRect();
    const isBlock = style(e).display !== "inline";
    const wide = isBlock ? Math.max(box.width, e.scrollWidth) : box.width;
    return box.left + wide > card.right + 1;
  };
  const told = (e) => `${e.tagName}.${e.className}: ${e.textContent.trim()}`;
  return [...document.querySelectorAll("#main *")].filter(out).map(told)
    .map((text) => text.slice(0, 60));
}"""


def words(number: int) -> dict[str, str]:
    return {
        "instruction": f"{WORD} {number}",
        "input": WORD,
        "output": f"{WORD}. And then {WORD}",
        "category": WORD[:80],
    }


@pytest.fixture
def project(live_server) -> Project:
    """Long words wherever a person can write some."""
    project = factories.make_project(
        description=WORD, overlap_share=1.0, skip_policy="lead"
    )
    Project.objects.update(name=WORD[:120])
    project.refresh_from_db()
    factories.make_coach(project, WORD[:100])
    factories.import_rows(project, [words(n) for n in range(12)])
    factories.draft_all(project)
    ada = factories.make_member(project, Role.ADMIN, "ada")
    anna = factories.make_member(project, Role.ANNOTATOR, WORD[:150])
    for number in range(4):
        write(project, anna, f"{WORD} {number}")
    Pair.objects.update(state_since="2026-01-01T00:00Z")
    for number in range(2):
        write(project, ada, f"Quite other words {number} {WORD}!")
    Project.objects.update(overlap_share=0.0)
    project.refresh_from_db()
    for number in range(2):
        write(project, anna, f"{WORD} {number}")
    Pair.objects.in_state(PairState.REVIEWED).update(state_since="2026-01-01T00:00Z")
    lease = factories.claim(project, ada, "quality")
    quality.send_back(token=lease.token, person=ada, reason="style", note=WORD)
    pair = project.pairs.first()
    commenting.comment(pair=pair, author=ada, body=f"{WORD} `{WORD}`")
    guiding.write(project=project, author=ada, body=f"# {WORD}\n\n{WORD}\n\n- {WORD}")
    return project


def write(project, person, response: str) -> None:
    lease = factories.claim(project, person)
    text = PairText(instruction=WORD, input=WORD, response=response)
    reviewing.submit(token=lease.token, person=person, text=text)


def addresses(project: Project) -> dict[str, str]:
    named = (
        *("project", "review", "quality", "pairs", "guidelines", "batches", "mine"),
        *("rewrites", "coaches", "run-prepare", "stats", "gain", "drift", "reports"),
        *("members", "units", "project-settings", "export", "adjudication"),
        *("agreement", "signs", "quality-people", "quality-bulk", "review-feedback"),
    )
    found = {name: reverse(name, args=[project.slug]) for name in named}
    disputed = project.pairs.in_state(PairState.DISPUTED).first()
    found["adjudicate"] = reverse("adjudicate", args=[project.slug, disputed.pk])
    one = {"pair": project.pairs.first(), "batch": project.batches.first()}
    one["coach"] = CoachVersion.objects.first()
    rows = {n: reverse(n, args=[project.slug, row.pk]) for n, row in one.items()}
    return {"home": "/?all", **found, **rows}


@pytest.mark.timeout(900)  # some thirty pages, each at two widths
def test_no_word_breaks_out_of_its_card(enter, live_server, project):
    page = enter("ada")
    broken = {}
    for name, address in addresses(project).items():
        page.goto(f"{live_server.url}{address}")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if SHOTS:
                shot = Path(SHOTS) / f"{name}-{width}.png"
                page.screenshot(path=shot, full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            found = page.evaluate(BROKEN_OUT)
            if found or wide > width:
                broken[f"{name} at {width}"] = [wide, *found[:4]]

    assert broken == {}
