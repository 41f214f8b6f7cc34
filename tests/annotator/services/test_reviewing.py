"""What a person types is kept, and a review is made once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotator.domain.effort import Decision
from annotator.domain.errors import Invalid, LeaseLost, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import Autosave, Lease, Review
from annotator.services import autosaving, excluding, quality, queueing, reviewing
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
TYPED = PairText(instruction="Explain it.", response="All that I typed today.")


@pytest.fixture
def project():
    return factories.make_drafted(2)


def test_a_double_submit_is_one_review(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)
    sent = {"token": lease.token, "person": anna, "text": TYPED}

    first = reviewing.submit(**sent)
    second = reviewing.submit(**sent)

    assert first == second
    assert Review.objects.count() == 1


def test_the_decision_is_read_off_the_texts(project):
    anna = factories.make_member(project, Role.ANNOTATOR)

    as_drafted = factories.review(project, anna)
    lease = factories.claim(project, anna)
    kept = reviewing.submit(token=lease.token, person=anna, text=lease.pair.text)

    assert as_drafted.decision == Decision.ACCEPTED
    assert as_drafted.distance_draft_final == 0
    assert kept.decision == Decision.KEPT_RAW
    assert kept.distance_draft_final == kept.distance_raw_draft > 0


def test_a_late_submit_is_refused_and_its_text_kept(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    queueing.release_expired()

    with pytest.raises(LeaseLost):
        reviewing.submit(token=lease.token, person=anna, text=TYPED)

    assert Autosave.objects.get(author=anna).response == TYPED.response


def test_a_submit_after_the_hour_but_before_the_sweep_still_counts(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    review = reviewing.submit(token=lease.token, person=anna, text=TYPED)

    assert review.response == TYPED.response


def test_an_empty_response_is_refused_by_name_and_the_rest_kept(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)
    text = PairText(instruction="A careful instruction.", response="  ")

    with pytest.raises(Invalid, match="response is empty"):
        reviewing.submit(token=lease.token, person=anna, text=text)

    assert Autosave.objects.get(author=anna).instruction == text.instruction
    assert lease.pair.leases.get().ended_at is None


def test_typed_text_comes_back_to_the_same_person(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    lease = factories.claim(project, anna)
    autosaving.keep_text(token=lease.token, person=anna, text=TYPED)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    queueing.release_expired()

    others = factories.claim(project, ben)
    again = factories.claim(project, anna)

    assert others.pair_id != lease.pair_id
    assert again.pair_id == lease.pair_id


def test_excluding_needs_one_of_the_reasons(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)

    with pytest.raises(Invalid, match="safety"):
        excluding.exclude(token=lease.token, person=anna, reason="boring")
    excluding.exclude(token=lease.token, person=anna, reason="safety")

    assert factories.states(project)[0] == PairState.EXCLUDED


def test_nobody_judges_their_own_review(project):
    rosa = factories.make_member(project, Role.REVIEWER)
    factories.review(project, rosa)

    lease = queueing.claim(project=project, person=rosa, stage=Stage.QUALITY)

    assert lease is None


def test_a_returned_pair_goes_back_to_its_author_first(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    rosa = factories.make_member(project, Role.REVIEWER)
    review = factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(token=lease.token, person=rosa, reason="style", note="Shorter.")

    bens = factories.claim(project, ben)
    annas = factories.claim(project, anna)

    assert bens.pair_id != review.pair_id
    assert annas.pair_id == review.pair_id


def test_an_accepted_review_ends_the_journey(project):
    anna = factories.make_member(project, Role.ANNOTATOR)
    rosa = factories.make_member(project, Role.REVIEWER)
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)

    first = quality.accept(token=lease.token, person=rosa)
    again = quality.accept(token=lease.token, person=rosa)

    assert first == again
    assert factories.states(project)[0] == PairState.ACCEPTED
    with pytest.raises((LeaseLost, NotAllowed)):
        quality.accept(token=uuid4(), person=rosa)
