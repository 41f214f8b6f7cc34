"""A lead's decision about a skipped pair is kept with its reason and note."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.domain.states import PairState, SkipPolicy
from annotator.services import parking, skipping
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """A pair that its annotator skipped in a project where a lead decides."""
    project = factories.make_project()
    project.skip_policy = SkipPolicy.LEAD
    project.save()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    lease = factories.claim(project, anna)
    skipping.skip(token=lease.token, person=anna, reason="not_my_field")
    lease.pair.refresh_from_db()
    return lease.pair


def test_why_a_pair_was_excluded_stays_readable(pair, client):
    leo = factories.make_member(pair.project, Role.LEAD, "leo")
    why = {"action": "exclude", "reason": "safety", "note": "A recipe for poison."}
    parking.decide(pair=pair, actor=leo, **why)
    client.force_login(leo)

    page = client.get(reverse("pair", args=["demo", pair.pk])).content.decode()

    assert pair.exclusion_note == why["note"]
    assert pair.events.last().note == why["note"]
    assert "<strong>safety</strong>. A recipe for poison." in page


def test_there_is_no_third_way_for_a_parked_pair(pair, client):
    leo = factories.make_member(pair.project, Role.LEAD, "leo")
    client.force_login(leo)
    address = reverse("pair-unpark", args=["demo", pair.pk])

    answer = client.post(address, {"action": "accept"})

    pair.refresh_from_db()
    assert answer.status_code == 422
    assert pair.state == PairState.PARKED


def test_an_annotator_is_not_offered_the_decision(pair, client):
    client.force_login(pair.skips.get().person)
    address = reverse("pair-unpark", args=["demo", pair.pk])

    page = client.get(reverse("pair", args=["demo", pair.pk])).content.decode()
    answer = client.post(address, {"action": "queue"})

    assert address not in page
    assert answer.status_code == 403
