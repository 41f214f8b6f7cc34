"""Agreement and signs over the API: the same rights as on the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rest_framework.test import APIClient

from annotator.domain.roles import Role
from annotator.models import SignsOpened
from annotator.services import reviewing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_drafted(2, overlap_share=1.0)
    for name in ("anna", "ben"):
        factories.make_member(project, Role.ANNOTATOR, name)
    factories.make_member(project, Role.LEAD, "leo")
    return project


def get(project, name, what):
    client = APIClient()
    person = project.memberships.get(user__username=name).user
    client.force_authenticate(person)
    return client.get(f"/api/projects/demo/{what}/")


def test_agreement_with_its_rows_and_no_names_while_a_lead_has_to_choose(project):
    for name, response in (("anna", "Some words."), ("ben", "Others, quite others.")):
        person = project.memberships.get(user__username=name).user
        lease = factories.claim(project, person)
        text = replace(lease.draft.text, response=response)
        reviewing.submit(token=lease.token, person=person, text=text)

    told = get(project, "leo", "agreement").json()

    assert told["open"] == 1
    assert told["decision"]["pairs"] == 1
    assert told["rows"][0]["first"] == ""


def test_my_signs_open_them_for_leads(project):
    before = get(project, "leo", "signs")
    mine = get(project, "anna", "mine")

    assert before.status_code == 200
    assert [sign["n"] for sign in mine.json()["signs"]] == [0, 0, 0, 0]
    assert SignsOpened.objects.count() == 1


@pytest.mark.parametrize("what", ["agreement", "signs"])
def test_annotators_see_only_their_own(project, what):
    assert get(project, "anna", what).status_code == 403
