"""Two people, one pair, one after the other and blind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.domain.errors import IllegalMove, TooLate
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import AuditEvent, Overlap, Pair, Review
from annotator.selectors import quality_desk, undoable, versions
from annotator.selectors.reports import parts
from annotator.services import (
    drafting,
    overlapping,
    quality,
    queueing,
    reviewing,
    skipping,
    snapshotting,
)
from tests import factories

pytestmark = pytest.mark.django_db
Slot = Review.Slot


@pytest.fixture
def project():
    return factories.make_drafted(2, overlap_share=1.0)


def write(project, person, more=""):
    lease = factories.claim(project, person)
    text = replace(lease.draft.text, response=lease.draft.text.response + more)
    return reviewing.submit(token=lease.token, person=person, text=text)


def first_pair(project):
    return project.pairs.order_by("pk").first()


def test_the_second_person_gets_the_pair_and_the_first_does_not(project, anna, ben):
    first = write(project, anna)

    annas_next = factories.claim(project, anna)
    bens = factories.claim(project, ben)

    assert annas_next.pair_id != first.pair_id
    assert bens.pair_id == first.pair_id
    assert first.slot == Slot.FIRST


def test_quality_control_waits_for_both(project, anna, ben):
    rosa = factories.make_member(project, Role.REVIEWER)
    first = write(project, anna)

    before = queueing.claim(project=project, person=rosa, stage=Stage.QUALITY)
    write(project, ben)
    after = factories.claim(project, rosa, Stage.QUALITY)

    assert before is None
    assert after.pair_id == first.pair_id


def test_of_two_that_agree_the_first_text_stands(project, anna, ben):
    first = write(project, anna)
    second = write(project, ben)

    overlap = Overlap.objects.get()

    assert overlap.is_one_text
    assert overlap.similarity == 1.0
    assert list(first.pair.reviews.standing()) == [first]
    assert second.passed_over_at is not None
    assert first_pair(project).first_author is None
    assert quality_desk.judged(_quality(project)).review == first


def _quality(project):
    rosa = factories.make_member(project, Role.REVIEWER)
    return factories.claim(project, rosa, Stage.QUALITY)


def test_two_that_differ_wait_for_a_lead(project, anna, ben):
    write(project, anna)
    write(project, ben, more=" And quite another ending, with words of my own." * 4)

    assert factories.states(project)[0] == PairState.DISPUTED
    assert not Overlap.objects.get().is_one_text


def test_the_migration_measures_older_overlaps_alike_and_back(project, anna, ben):
    write(project, anna)
    write(project, ben, more=" And quite another ending, with words of my own." * 4)
    now = Overlap.objects.get().similarity
    migration = import_module("annotator.migrations.0017b_overlap_similarity")
    [step] = migration.Migration.operations

    step.reverse_code(apps, None)
    before = Overlap.objects.get().similarity
    step.code(apps, None)

    assert before > now
    assert Overlap.objects.get().similarity == now


def test_texts_that_are_alike_agree_only_with_the_same_decision(project, anna, ben):
    project.overlap_similarity = 0.5
    project.save()
    write(project, anna)  # as drafted
    write(project, ben, more=" Edited.")
    write(project, anna, more=" Edited.")
    write(project, ben, more=" Edited, too.")

    assert factories.states(project) == [PairState.DISPUTED, PairState.REVIEWED]


def test_one_pair_gives_one_example_to_the_coach(project, anna, ben):
    rosa = factories.make_member(project, Role.REVIEWER)
    first = write(project, anna, more=" By anna.")
    write(project, ben, more=" By anna.")
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.accept(token=lease.token, person=rosa)

    examples = list(snapshotting.accepted_examples(project))

    assert len(examples) == 1
    assert examples[0].revised == first.text
    assert parts.reviews(project).count() == 1


def test_a_returned_pair_goes_to_the_author_of_what_stands_and_stays_alone(
    project, anna, ben
):
    rosa = factories.make_member(project, Role.REVIEWER)
    first = write(project, anna)
    write(project, ben)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(token=lease.token, person=rosa, reason="style")

    again = write(project, anna, more=" Mended.")

    assert again.pair_id == first.pair_id
    assert again.slot is None
    assert factories.states(project)[0] == PairState.REVIEWED


def test_the_first_submit_can_be_undone_until_somebody_else_begins(
    project, anna, ben, settings
):
    settings.UNDO_SECONDS = 30
    first = write(project, anna)
    assert undoable.newest(anna, project).pair == first.pair_id

    kept_from_ben = factories.claim(project, ben)
    lease = factories.take_back(first)

    assert kept_from_ben.pair_id != first.pair_id
    assert lease.pair_id == first.pair_id
    assert first_pair(project).first_author is None
    assert (
        reviewing.submit(token=lease.token, person=anna, text=first.text).slot
        == Slot.FIRST
    )


def test_the_first_submit_is_settled_once_the_second_person_holds_it(
    project, anna, ben, settings
):
    first = write(project, anna)
    factories.claim(project, ben)
    settings.UNDO_SECONDS = 30

    assert undoable.newest(anna, project) is None
    with pytest.raises(TooLate):
        factories.take_back(first)


@pytest.mark.parametrize("more", ["", " Something else, in many other words." * 5])
def test_the_second_submit_can_be_undone_too(project, anna, ben, settings, more):
    first = write(project, anna)
    second = write(project, ben, more=more)
    settings.UNDO_SECONDS = 30

    lease = factories.take_back(second)

    assert first_pair(project).first_author == anna
    with pytest.raises(TooLate):
        factories.take_back(first)
    again = reviewing.submit(token=lease.token, person=ben, text=first.text)
    assert again.slot == Slot.SECOND
    assert factories.states(project)[0] == PairState.REVIEWED


def test_a_pair_goes_on_alone_when_no_second_person_comes(project, anna, ben):
    first = write(project, anna)
    write(project, anna)
    long_ago = timezone.now() - timedelta(days=8)
    Review.objects.filter(pk=first.pk).update(submitted_at=long_ago)

    moved = overlapping.go_on_alone()

    assert moved == 1
    assert factories.states(project) == [PairState.REVIEWED, PairState.READY]
    assert first_pair(project).first_author is None
    assert AuditEvent.objects.filter(action="no second person came").count() == 1


def test_who_is_alone_in_a_project_is_not_asked_for_a_second_person(project, anna):
    review = write(project, anna)

    assert review.slot is None
    assert factories.states(project)[0] == PairState.REVIEWED


def test_a_second_person_may_skip_and_the_first_still_does_not_get_it(
    project, anna, ben
):
    first = write(project, anna)
    lease = factories.claim(project, ben)
    skipping.skip(token=lease.token, person=ben, reason="unclear")

    write(project, anna)
    waiting = queueing.claim(project=project, person=anna, stage=Stage.REVIEW)

    assert lease.pair_id == first.pair_id
    assert waiting is None


def test_who_wrote_the_first_text_cannot_claim_the_pair_again(project, anna, ben):
    first = write(project, anna)

    with pytest.raises(IllegalMove, match="second person"):
        queueing.claim_again(pair=first.pair, person=anna)


def test_what_waits_for_a_second_person_does_not_hold_up_the_coach(anna, ben, project):
    project.drafts_ahead = 2
    project.save()
    factories.import_rows(project, [
        {**row, "Raw Response": f"{row['Raw Response']} More."}
        for row in factories.rows(2)
    ])  # fmt: skip
    write(project, anna)
    write(project, anna)

    batch = drafting.take_batch(project)

    assert batch is not None
    assert len(batch.requests) == 2


def test_without_overlap_nothing_is_for_two(anna, ben, project):
    project.overlap_share = 0.0
    project.save()

    review = write(project, anna)

    assert review.slot is None


def test_the_database_refuses_two_texts_of_one_person(project, anna, ben):
    first = write(project, anna)

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            pair=first.pair, author=anna, arm=first.arm, slot=Slot.SECOND,
            instruction="I", response="R", decision="edited", distance_raw_final=1,
            passed_over_at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            pair=first.pair, author=ben, arm=first.arm, slot=Slot.SECOND,
            instruction="I", response="R", decision="edited", distance_raw_final=1,
        )  # fmt: skip


def test_a_second_text_that_comes_too_late_does_not_show_the_first(project, anna, ben):
    first = write(project, anna, more=" Anna's own words.")

    text, name = versions.standing_text(Pair.objects.get(pk=first.pair_id))

    assert "Anna" not in text.response
    assert name == ""
