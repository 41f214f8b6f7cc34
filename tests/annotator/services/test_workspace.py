"""Skips, undone submits, two tabs, hunks, rubric: nothing typed is ever lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotator.domain.errors import IllegalMove, Invalid, OtherTab, Stale, TooLate
from annotator.domain.hunks import Outcome
from annotator.domain.roles import Role
from annotator.domain.states import PairState, SkipPolicy, Stage
from annotator.models import AuditEvent, Autosave, KeptText, Lease, Pair, Review, Tick
from annotator.services import (
    autosaving,
    excluding,
    giving_back,
    queueing,
    reviewing,
    skipping,
    timing,
)
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
TYPED = PairText(instruction="Explain it.", response="All that I typed today.")


@pytest.fixture
def project():
    return factories.make_drafted(2)


def skip(project, person, policy):
    project.skip_policy = policy
    project.save()
    lease = factories.claim(project, person)
    skipping.skip(token=lease.token, person=person, reason="unclear", note="Which?")
    return lease.pair


def test_a_skipped_pair_goes_to_the_others_and_not_to_its_skipper(project, anna, ben):
    skipped = skip(project, anna, SkipPolicy.OTHERS)

    mine, his = factories.claim(project, anna), factories.claim(project, ben)

    assert mine.pair != skipped
    assert his.pair == skipped


def test_a_pair_put_off_comes_back_after_the_others(project, anna, ben):
    skipped = skip(project, anna, SkipPolicy.LATER)

    first = factories.review(project, anna)
    second = factories.claim(project, anna)

    assert queueing.claim(project=project, person=ben, stage=Stage.REVIEW) is None
    assert first.pair != skipped
    assert second.pair == skipped


def test_a_pair_that_a_lead_decides_about_is_parked(project, anna):
    skipped = skip(project, anna, SkipPolicy.LEAD)

    skipped.refresh_from_db()

    assert skipped.state == PairState.PARKED
    assert skipped.events.last().note == "unclear. Which?"


def test_skipping_needs_one_of_the_reasons(project, anna):
    lease = factories.claim(project, anna)

    with pytest.raises(Invalid, match="not_my_field"):
        skipping.skip(token=lease.token, person=anna, reason="lunch")

    assert lease.pair.leases.get().ended_at is None


def test_a_fresh_submit_can_be_taken_back(project, anna, settings):
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna, TYPED)
    following = factories.claim(project, anna)

    lease = factories.take_back(review)

    following.refresh_from_db()
    assert lease.pair == review.pair
    assert lease.pair.state == PairState.IN_REVIEW
    assert Autosave.objects.get(used_at=None).response == TYPED.response
    assert following.ended_at is not None
    assert not Review.objects.standing().exists()


def test_after_the_undo_the_pair_laid_down_comes_next(project, anna, ben, settings):
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna, TYPED)
    following = factories.claim(project, anna)
    factories.take_back(review)

    factories.review(project, anna, TYPED)

    assert queueing.claim(project=project, person=ben, stage=Stage.REVIEW) is None
    assert factories.claim(project, anna).pair == following.pair


def test_an_old_submit_cannot_be_taken_back(project, anna, settings):
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna)
    long_ago = timezone.now() - timedelta(seconds=31)
    AuditEvent.objects.update(at=long_ago)

    with pytest.raises(TooLate):
        factories.take_back(review)

    assert Review.objects.standing().count() == 1


def test_quality_control_waits_until_a_submit_cannot_be_undone(project, anna, settings):
    settings.UNDO_SECONDS = 30
    rosa = factories.make_member(project, Role.REVIEWER)
    factories.review(project, anna)

    lease = queueing.claim(project=project, person=rosa, stage=Stage.QUALITY)

    assert lease is None


def test_time_before_the_undo_counts_in_the_review_that_stands(project, anna, settings):
    settings.UNDO_SECONDS = 30
    first = factories.review(project, anna)
    Lease.objects.update(opened_at=timezone.now() - timedelta(seconds=60))
    lease = factories.take_back(first)

    second = reviewing.submit(token=lease.token, person=anna, text=TYPED)

    assert second.wall_seconds > 59


def test_a_second_tab_may_only_read_until_it_takes_over(project, anna):
    lease = factories.claim(project, anna)
    beat = {"token": lease.token, "person": anna, "stage": Stage.REVIEW}
    first, second = uuid4(), uuid4()
    timing.record_tick(**beat, active=True, tab=first)

    with pytest.raises(OtherTab):
        timing.record_tick(**beat, active=True, tab=second)
    autosaving.take_over(token=lease.token, person=anna, tab=second)
    timing.record_tick(**beat, active=True, tab=second)

    assert Tick.objects.count() == 2


def test_a_closed_tab_gives_way(project, anna):
    lease = factories.claim(project, anna)
    beat = {"token": lease.token, "person": anna, "stage": Stage.REVIEW}
    timing.record_tick(**beat, active=True, tab=uuid4())
    Lease.objects.update(tab_seen_at=timezone.now() - timedelta(minutes=1))

    timing.record_tick(**beat, active=True, tab=uuid4())

    assert Tick.objects.count() == 2


def test_a_stale_save_overwrites_nothing_and_is_kept(project, anna):
    lease = factories.claim(project, anna)
    sent = {"token": lease.token, "person": anna}
    newer = PairText(instruction="Explain it.", response="From the laptop.")
    autosaving.keep_text(**sent, text=TYPED, base_revision=0)
    autosaving.keep_text(**sent, text=newer, base_revision=1)

    with pytest.raises(Stale):
        autosaving.keep_text(**sent, text=TYPED, base_revision=0)

    assert Autosave.objects.get().response == newer.response
    assert KeptText.objects.get().response == TYPED.response


def test_a_tab_whose_answer_got_lost_goes_on_saving(project, anna):
    lease = factories.claim(project, anna)
    sent = {"token": lease.token, "person": anna, "tab": uuid4()}
    autosaving.keep_text(**sent, text=TYPED, base_revision=0)

    more = PairText(instruction="Explain it.", response="And more.")
    saved = autosaving.keep_text(**sent, text=more, base_revision=0)

    assert (saved.revision, saved.response) == (2, "And more.")


def test_a_late_holder_may_take_the_pair_again_with_their_text(project, anna):
    lease = factories.claim(project, anna)
    autosaving.keep_text(token=lease.token, person=anna, text=TYPED)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    queueing.release_expired()

    again = queueing.claim_again(pair=lease.pair, person=anna)

    assert again.pair == lease.pair
    assert again.token != lease.token


@pytest.mark.parametrize("to", ["excluded", "reviewed"])
def test_a_pair_that_has_gone_on_cannot_be_taken_again(project, anna, ben, to):
    lease = factories.claim(project, ben)
    if to == "excluded":
        excluding.exclude(token=lease.token, person=ben, reason="safety")
    else:
        reviewing.submit(token=lease.token, person=ben, text=TYPED)

    with pytest.raises(IllegalMove):
        queueing.claim_again(pair=lease.pair, person=anna)

    assert Pair.objects.get(pk=lease.pair_id).state == to


def test_a_pair_that_somebody_else_has_cannot_be_taken_again(project, anna, ben):
    lease = factories.claim(project, anna)
    giving_back.give_back(token=lease.token, person=anna, stage=Stage.REVIEW)
    factories.claim(project, ben)

    with pytest.raises(IllegalMove):
        queueing.claim_again(pair=lease.pair, person=anna)

    assert lease.pair.leases.filter(ended_at=None).get().holder == ben


def test_what_became_of_each_hunk_is_stored(project, anna):
    lease = factories.claim(project, anna)
    drafted = lease.draft.text
    mine = PairText(
        instruction=drafted.instruction.replace("Explain", "Describe"),
        response=lease.pair.response,
    )

    review = reviewing.submit(token=lease.token, person=anna, text=mine)

    decided = dict(review.hunks.values_list("field", "outcome"))
    assert decided == {"instruction": Outcome.OWN, "response": Outcome.REJECTED}


def test_tags_and_scores_are_stored(project, anna):
    lease = factories.claim(project, anna)
    marks = reviewing.Marks(
        tags=["response.safety"],
        scores={("response", "before"): 40, ("response", "after"): 95},
    )

    review = reviewing.submit(
        token=lease.token,
        person=anna,
        text=TYPED,
        marks=marks,
    )

    assert review.tags.get().criterion == "response.safety"
    assert review.scores.count() == 2


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        (
            reviewing.Marks(["response.safety"], {("response", "before"): 41}),
            "0 to 40",
        ),
        (
            reviewing.Marks(
                ["instruction.readability"], {("instruction", "before"): 81}
            ),
            "0 to 80",
        ),
        (reviewing.Marks([], {("response", "after"): 101}), "0 to 100"),
        (reviewing.Marks(["response.beauty"]), "response.beauty"),
    ],
)
def test_a_flaw_caps_the_score_of_its_side(project, anna, marks, message):
    lease = factories.claim(project, anna)

    with pytest.raises(Invalid, match=message):
        reviewing.submit(
            token=lease.token,
            person=anna,
            text=TYPED,
            marks=marks,
        )

    assert Autosave.objects.get().response == TYPED.response
