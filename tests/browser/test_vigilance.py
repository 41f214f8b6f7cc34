"""Adjudication, agreement, signs and one's own work: light, dark, on a phone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_core_python.sync_playwright import Axe

from annotator.domain.roles import Role
from annotator.models import Project, Review
from annotator.services import adjudicating, checking, reviewing
from tests import factories
from tests.annotator.services.test_checking import accepted_rows
from tests.browser.test_desk import WCAG

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "It is a word, and people who like words say that it has a long history."


@pytest.fixture
def project():
    """Six pairs with two texts, two of them disputed; checks that anna answered."""
    project = factories.make_project(overlap_share=1.0)
    factories.make_coach(project)
    factories.import_rows(project, accepted_rows(6))
    factories.import_rows(project, factories.rows(9))
    factories.draft_all(project)
    people = [
        factories.make_member(project, Role.ANNOTATOR, n) for n in ("anna", "ben")
    ]
    lead = factories.make_member(project, Role.LEAD, "leo")
    for number in range(6):
        for place, person in enumerate(people):
            write(project, person, number, differs=number % 2 and place)
    ruled = project.pairs.filter(state="disputed").first()
    adjudicating.rule(pair=ruled, actor=lead, choice="second", reason="ambiguous")
    answer_checks(project, people[0])
    checking.opened_signs(project=project, person=people[0])
    return project


def write(project, person, number, *, differs):
    lease = factories.claim(project, person)
    text = replace(lease.draft.text, response=f"{WORDS} Number {number}.")
    if differs:
        text = replace(text, response="This word means what you make of it, no more.")
    tags = ["response.richness"] if number < 3 else []
    reviewing.submit(
        token=lease.token, person=person, text=text,
        marks=reviewing.Marks([*tags, *(["response.correctness"] if differs else [])]),
    )  # fmt: skip


def answer_checks(project, person):
    Project.objects.update(planted_share=1.0)
    project.refresh_from_db()
    for number in range(4):
        lease = factories.claim(project, person)
        check = lease.pair.as_check
        text = check.source.text if number else lease.draft.text
        reviewing.submit(token=lease.token, person=person, text=text)
    Review.objects.update(active_seconds=11)


PAGES = {
    "leo": ("stats/agreement/", "stats/signs/", "adjudication/"),
    "anna": ("mine/",),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(enter, live_server, project, scheme):
    disputed = project.pairs.filter(state="disputed").first()
    addresses = {**PAGES, "leo": (*PAGES["leo"], f"adjudication/{disputed.pk}/")}
    for name, paths in addresses.items():
        page = enter(name, color_scheme=scheme)
        for path in paths:
            page.set_viewport_size({"width": 1280, "height": 800})
            page.goto(f"{live_server.url}/p/demo/{path}")
            found = Axe().run(page, options=WCAG)
            page.set_viewport_size({"width": 390, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")

            assert found["violations"] == []
            assert wide <= 390
