"""A pair with several drafts: which one a text goes on from is written down."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from annotator.domain.effort import Decision
from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.models import Candidate, Draft, HunkDecision, KeptText, Review
from annotator.selectors import history, review_desk
from annotator.services import autosaving, candidates, giving_back, reviewing
from annotator.services.deeds import Sent
from annotator.web.pairs import sides
from revision_engine.types import DraftResult, PairText
from tests import factories

pytestmark = pytest.mark.django_db
OWN = PairText(instruction="Explain it.", response="My own words.")


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def lease(project):
    return factories.claim(project, factories.make_member(project, Role.ANNOTATOR))


def another(lease, response="A short answer.", **more):
    """One more draft of the pair in hand, as the coach would write it."""
    asked = candidates.ask(token=lease.token, person=lease.holder, hint="shorter")
    text = PairText(instruction=lease.pair.instruction, response=response)
    candidates.store(result=DraftResult(key=str(asked.pk), text=text, **more))
    asked.refresh_from_db()
    return asked


def numbers(lease):
    return [
        (one.number, one.draft and one.draft.pk) for one in review_desk.drafts(lease)
    ]


def test_drafts_are_numbered_in_the_order_in_which_they_came(lease):
    first = lease.draft_id
    late = candidates.ask(token=lease.token, person=lease.holder, hint="")
    second, failed = another(lease), another(lease, problem="loop")
    late.refresh_from_db()

    candidates.choose(token=lease.token, person=lease.holder, draft_id=second.draft_id)
    lease.refresh_from_db()

    assert (late.draft, bool(failed.draft_id)) == (None, True)
    assert numbers(lease) == [
        *((1, first), (2, second.draft_id)),
        *((None, None), (None, None)),
    ]


def test_the_page_of_the_pair_gives_them_the_same_numbers(lease):
    another(lease, problem="loop")
    third = another(lease)

    on_the_page = sides.numbered(history.timeline(lease.pair))

    assert on_the_page == {lease.draft_id: 1, third.draft_id: 2}
    assert numbers(lease)[:2] == [(1, lease.draft_id), (2, third.draft_id)]


def test_without_a_usable_first_draft_the_first_one_asked_for_is_draft_1(lease):
    Draft.objects.filter(pk=lease.draft_id).update(problem="loop")
    lease.draft.refresh_from_db()

    asked = another(lease)

    assert numbers(lease) == [(1, asked.draft_id)]


def test_a_review_says_which_draft_was_accepted(lease):
    second = another(lease)
    another(lease, "A long answer.")

    review = reviewing.submit(
        token=lease.token,
        person=lease.holder,
        text=second.draft.text,
        sent=Sent(draft_id=second.draft_id),
    )

    assert (review.draft_id, review.distance_draft_final) == (second.draft_id, 0)
    assert review.decision == Decision.ACCEPTED
    chosen = Candidate.objects.exclude(chosen_at=None)
    assert list(chosen.values_list("draft", flat=True)) == [second.draft_id]
    assert {one.outcome for one in HunkDecision.objects.all()} == {"accepted"}


def test_a_review_may_go_back_to_the_first_draft(lease):
    first, second = lease.draft, another(lease)
    candidates.choose(token=lease.token, person=lease.holder, draft_id=second.draft_id)

    review = reviewing.submit(
        token=lease.token,
        person=lease.holder,
        text=first.text,
        sent=Sent(draft_id=first.pk),
    )

    assert review.draft == first
    assert not Candidate.objects.exclude(chosen_at=None).exists()


def test_no_review_goes_on_from_a_draft_of_another_pair(project, lease):
    other = Draft.objects.exclude(pair=lease.pair).first()

    with pytest.raises(Invalid, match=f"Draft {other.pk}"):
        reviewing.submit(
            token=lease.token,
            person=lease.holder,
            text=OWN,
            sent=Sent(draft_id=other.pk),
        )

    lease.refresh_from_db()
    assert (lease.ended_at, Review.objects.count()) == (None, 0)


def save(lease, text, draft_id):
    return autosaving.keep_text(
        token=lease.token, person=lease.holder, text=text, draft_id=draft_id
    )


def test_looking_at_another_draft_keeps_what_was_typed_over_the_first_one_once(lease):
    first, second = lease.draft, another(lease)

    for _ in range(2):
        save(lease, OWN, first.pk)
        save(lease, second.draft.text, second.draft_id)

    lease.refresh_from_db()
    assert lease.draft_id == second.draft_id
    assert [kept.text for kept in KeptText.objects.all()] == [OWN]


def test_looking_through_drafts_leaves_nothing_in_the_history(lease):
    first, second = lease.draft, another(lease)

    save(lease, second.draft.text, second.draft_id)
    save(lease, first.text, first.pk)

    assert not KeptText.objects.exists()


def test_the_drafts_are_there_again_when_the_pair_is(project, lease):
    second = another(lease)
    giving_back.give_back(token=lease.token, person=lease.holder, stage="review")

    again = factories.claim(project, lease.holder)
    ben = factories.make_member(project, Role.REVIEWER)

    assert (again.pair_id, numbers(again)[1:]) == (
        lease.pair_id,
        [(2, second.draft_id)],
    )
    assert numbers(factories.claim(project, ben)) == []


@pytest.mark.django_db(transaction=True)
def test_a_submit_that_waits_for_a_save_has_the_draft_that_both_name(lease):
    second = another(lease)

    def submit():
        sent = Sent(draft_id=second.draft_id)
        text = second.draft.text
        try:
            return reviewing.submit(
                token=lease.token, person=lease.holder, text=text, sent=sent
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            save(lease, second.draft.text, second.draft_id)
            waiting = pool.submit(submit)
            time.sleep(0.5)  # it waits for the hold's row
            assert not waiting.done()
        review = waiting.result(timeout=20)

    assert review.draft == second.draft
