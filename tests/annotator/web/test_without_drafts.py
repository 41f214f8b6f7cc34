"""The desk of a project whose drafts are not there says why, and lets people work."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Lease, Pair
from annotator.services import drafting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(6))
    factories.make_member(project, Role.ADMIN, "ada")
    return project


def desk(client, project, role=Role.ANNOTATOR):
    client.force_login(factories.make_member(project, role))
    return client.get("/p/demo/review/").content.decode()


def test_while_drafts_are_written_it_says_how_many_and_looks_again(client, project):
    factories.make_coach(project)
    drafting.take_batch(project)

    page = desk(client, project)

    assert "The coach is still drafting" in page
    assert "6 pairs wait for their drafts." in page
    assert "click, every 2s" in page
    assert "Work without drafts" not in page


def test_without_a_coach_it_says_so_names_whom_to_ask_and_lets_them_work(
    client, project
):
    page = desk(client, project)

    told = client.post("/p/demo/review/without-drafts/", follow=True)

    assert "No coach is active yet" in page
    assert "6 pairs wait for drafts" in page
    assert "<strong>ada</strong>" in page
    assert Lease.objects.get().draft is None
    assert "No draft for this one" in told.content.decode()
    assert Pair.objects.in_state(PairState.READY).count() == 3


def test_an_admin_without_a_coach_is_sent_to_the_coaches(client, project):
    page = desk(client, project, Role.ADMIN)

    assert "Go to the coaches" in page
    assert "Whom to ask" not in page


def test_the_first_draft_opens_the_desk(client, project):
    factories.make_coach(project)
    waiting = desk(client, project)
    factories.draft_all(project)

    page = client.get("/p/demo/review/").content.decode()

    assert "The coach is still drafting" in waiting
    assert 'id="work-form"' in page


def test_a_pair_of_the_control_arm_says_why_it_has_no_draft(client):
    project = factories.make_project(control_share=1.0)
    factories.import_rows(project, factories.rows(1))
    factories.make_coach(project)
    factories.draft_all(project)

    page = desk(client, project)

    assert "No draft, on purpose: such pairs show what drafts are worth." in page
