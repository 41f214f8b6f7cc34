"""What pages say a person can take is what the queue gives them, one after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Pair, Project, User
from annotator.selectors import offered
from annotator.services import adjudicating, queueing, reviewing, skipping
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _can_be_taken_back(settings):
    settings.UNDO_SECONDS = 30


def settle(project: Project) -> None:
    """Let the undo time of all that was handed in go by."""
    Pair.objects.filter(project=project).update(
        state_since=timezone.now() - timedelta(minutes=1)
    )


def write(project: Project, person: User, words: str = "Another answer.") -> Pair:
    lease = factories.claim(project, person)
    text = replace(lease.pair.text, response=f"{words} {lease.pair.pk}")
    reviewing.submit(token=lease.token, person=person, text=text)
    return lease.pair


def claimed_one_after_the_other(project: Project, person: User, stage: Stage) -> int:
    """How many pairs the queue gives, each taken for good."""
    given = set()
    while lease := queueing.claim(project=project, person=person, stage=stage):
        given.add(lease.pair_id)
        Lease.objects.filter(pk=lease.pk).update(ended_at=timezone.now())
        Pair.objects.filter(pk=lease.pair_id).update(state=PairState.ACCEPTED)
    return len(given)


@pytest.fixture
def project() -> Project:
    """Ten pairs, drafted; two people revise each; some of everything has happened."""
    # Which pairs two people revise is drawn by the number of the project.
    project = factories.make_drafted(14, id=1001, overlap_share=0.5, return_days=7)
    cast = {role.value: factories.make_member(project, role) for role in Role}
    for person in cast.values():
        write(project, person, words=f"{person} says.")
    settle(project)
    for person in list(cast.values())[1:]:
        lease = factories.claim(project, person)
        skipping.skip(token=lease.token, person=person, reason="unclear", note="")
    write(project, cast["annotator"])
    factories.claim(project, cast["lead"])
    returned = project.pairs.in_state(PairState.READY).last()
    Pair.objects.filter(pk=returned.pk).update(
        reserved_for=cast["reviewer"],
        reserved_until=timezone.now() + timedelta(days=1),
    )
    return project


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", list(Role))
def test_the_count_is_what_claiming_gives(project, role, stage):
    person = User.objects.get(username=role.value)
    counted = offered.mine(project, person, stage)
    may_not = stage == Stage.QUALITY and role == Role.ANNOTATOR

    given = 0 if may_not else claimed_one_after_the_other(project, person, stage)

    assert counted.now == given
    assert may_not or given > 0


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD, Role.ADMIN])
def test_what_is_to_come_soon_comes_with_the_undo_time(project, role, stage):
    person = User.objects.get(username=role.value)
    others = [m.user for m in project.memberships.exclude(user=person)]
    for other in others[:2]:
        write(project, other)
    before = offered.mine(project, person, stage)

    settle(project)
    after = offered.mine(project, person, stage)

    assert (after.waiting, after.soon) == (before.waiting + before.soon, 0)


def test_somebody_else_s_second_text_comes_soon_and_ones_own_never():
    project = factories.make_drafted(4, overlap_share=1.0)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    for _ in range(4):
        write(project, anna)

    bens, annas = (offered.mine(project, who, Stage.REVIEW) for who in (ben, anna))

    assert (bens.now, bens.soon) == (0, 4)
    assert (annas.now, annas.soon) == (0, 0)


def test_ones_own_review_is_none_to_judge(client):
    project = factories.make_drafted(1)
    rosa = factories.make_member(project, Role.REVIEWER)
    write(project, rosa)
    settle(project)
    client.force_login(rosa)

    page = client.get(reverse("project", args=["demo"])).content.decode()
    home = client.get(reverse("home"), follow=True).content.decode()
    told = client.get("/api/projects/demo/progress/").json()["yours"]

    assert 'Check quality <span class="note-in">0</span>' in page
    assert 'Check quality <span class="note-in">0</span>' in home
    assert told["quality"] == {"now": 0, "soon": 0}


def test_the_list_of_projects_counts_what_one_can_do_in_each(client):
    for slug in ("one", "two"):
        made = factories.make_project(slug=slug)
        factories.make_coach(made)
        factories.import_rows(made, factories.rows(3))
        factories.draft_all(made)
    rosa = factories.make_member(Project.objects.get(slug="one"), Role.REVIEWER)
    made.memberships.create(user=rosa, role=Role.ANNOTATOR)
    write(Project.objects.get(slug="one"), rosa)
    settle(Project.objects.get(slug="one"))
    client.force_login(rosa)

    page = client.get(reverse("home")).content.decode()

    assert "2 for you to review · 0 for you to judge" in page
    assert page.count("for you to judge") == 1
    assert "3 for you to review" in page


def test_who_wrote_one_of_two_texts_does_not_count_it_as_theirs_to_choose():
    project = factories.make_drafted(1, overlap_share=1.0)
    lea, leo = (factories.make_member(project, Role.LEAD, n) for n in ("lea", "leo"))
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    write(project, lea, "One text of many words that are my own.")
    settle(project)
    write(project, anna, "Quite different.")

    counted = [offered.to_adjudicate(project, who) for who in (lea, leo, anna)]

    assert counted == [0, 1, 0]
    pair = project.pairs.get()
    adjudicating.rule(pair=pair, actor=leo, choice="first", reason="ambiguous")
    assert offered.to_adjudicate(project, leo) == 0


def test_an_empty_project_does_not_say_that_all_is_done(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))

    page = client.get(reverse("review", args=["demo"])).content.decode()

    assert "Nothing has been imported into this project." in page
    assert "has been reviewed or excluded" not in page


def test_pairs_that_wait_for_others_are_not_called_done(client):
    project = factories.make_drafted(1)
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)
    skipping.skip(token=lease.token, person=anna, reason="unclear", note="")
    client.force_login(anna)

    page = client.get(reverse("review", args=["demo"])).content.decode()

    assert "What is left waits for other people" in page


def test_pages_tell_of_what_comes_with_the_undo_time(client):
    project = factories.make_drafted(4, overlap_share=1.0)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.REVIEWER, "ben")
    for _ in range(4):
        write(project, anna)
    client.force_login(ben)

    desk = client.get(reverse("review", args=["demo"])).content.decode()
    overview = client.get(reverse("project", args=["demo"])).content.decode()

    assert "4 pairs come within 30 s" in desk
    assert "4 more pairs to review come within 30 s" in overview
