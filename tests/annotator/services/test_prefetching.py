"""The next pair lies ready for one person, and is nobody's work until they ask."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.domain.errors import NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import AuditEvent, Lease, Membership, Pair, Prefetch
from annotator.selectors import counts, offered
from annotator.selectors.queue import why_empty
from annotator.services import (
    autosaving,
    excluding,
    giving_back,
    leaving,
    prefetching,
    queueing,
    reviewing,
    skipping,
    timing,
    undoing,
)
from annotator.services.deeds import Sent
from tests import factories

pytestmark = pytest.mark.django_db
TAB = uuid4()


@pytest.fixture
def project():
    return factories.make_drafted(5)


@pytest.fixture
def anna(project):
    return factories.make_member(project, Role.ANNOTATOR, "anna")


@pytest.fixture
def ben(project):
    return factories.make_member(project, Role.ANNOTATOR, "ben")


def at_work(project, person, tab=TAB):
    """The hold of somebody in whose tab a pair is open."""
    lease = factories.claim(project, person)
    autosaving.hold_pen(lease, tab)
    return lease


def reserve(project, person, tab=TAB):
    return prefetching.reserve(project=project, person=person, tab=tab)


def submit(lease, person):
    sent = Sent(deed=uuid4(), tab=TAB)
    return reviewing.submit(
        token=lease.token, person=person, text=lease.draft.text, sent=sent
    )


def run_out():
    Prefetch.objects.update(until=timezone.now() - timedelta(seconds=1))


def test_what_lies_ready_is_what_the_next_claim_gives(project, anna):
    lease = at_work(project, anna)

    ready = reserve(project, anna)
    submit(lease, anna)
    held = factories.claim(project, anna)

    assert (held.token, held.pair) == (ready.token, ready.pair)
    assert held.draft == ready.draft
    assert not Prefetch.objects.exists()


def test_asking_twice_gives_the_same_and_a_second_tab_gets_nothing(project, anna):
    at_work(project, anna)
    first = reserve(project, anna)

    again, second_tab = reserve(project, anna), reserve(project, anna, uuid4())

    assert again.token == first.token
    assert second_tab is None
    assert Prefetch.objects.count() == 1


def test_two_people_never_have_the_same_pair_ready(project, anna, ben):
    at_work(project, anna)
    at_work(project, ben)

    ready = [reserve(project, anna).pair, reserve(project, ben).pair]

    assert len(set(ready)) == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Prefetch.objects.create(
            pair=ready[0], project=project, person=ben, tab=TAB, until=timezone.now()
        )


def test_a_claim_of_somebody_else_passes_over_it_while_others_wait(project, anna, ben):
    at_work(project, anna)
    ready = reserve(project, anna)

    taken = [factories.review(project, ben).pair for _ in range(3)]

    assert ready.pair not in taken


def test_nobodys_queue_is_empty_for_it(project, anna, ben):
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    for _ in range(3):
        factories.review(project, ben)

    taken = factories.claim(project, ben)
    submit(lease, anna)

    assert (taken.pair, taken.token == ready.token) == (ready.pair, False)
    assert queueing.claim(project=project, person=anna, stage=Stage.REVIEW) is None


def test_where_colleagues_might_find_nothing_nothing_is_kept(project, anna, ben):
    at_work(project, anna)
    factories.make_member(project, Role.LEAD)
    for _ in range(2):
        factories.review(project, ben)

    assert offered.mine(project, ben, Stage.REVIEW).now == 2
    assert reserve(project, anna) is None


def test_who_works_alone_has_the_last_pair_ready_too(project, anna):
    for _ in range(3):
        factories.review(project, anna)
    at_work(project, anna)

    assert reserve(project, anna) is not None


def figures(project, *people):
    why = [why_empty(project, person, Stage.REVIEW) for person in people]
    return (
        counts.of_project(project),
        [offered.mine(project, person, Stage.REVIEW) for person in people],
        [(one.ready, one.ready_for_others, one.leased, one.in_review) for one in why],
        AuditEvent.objects.count(),
        list(Pair.objects.order_by("pk").values("state", "state_since", "opened")),
        Lease.objects.count(),
    )


def test_no_figure_counts_it_as_claimed(project, anna, ben):
    at_work(project, anna)
    before = figures(project, anna, ben)

    assert reserve(project, anna) is not None

    assert figures(project, anna, ben) == before


def test_its_time_begins_when_it_is_opened(project, anna):
    lease = at_work(project, anna)
    reserve(project, anna)
    hour_ago = timezone.now() - timedelta(hours=1)
    Lease.objects.update(opened_at=hour_ago)
    submit(lease, anna)
    before = timezone.now()

    held = factories.claim(project, anna)

    assert before <= held.opened_at <= timezone.now()
    assert timing.time_spent([held]).wall < 60


def test_work_keeps_it_and_idleness_gives_it_to_others(project, anna, ben):
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    run_out()
    tick = {"token": lease.token, "person": anna, "stage": Stage.REVIEW, "tab": TAB}

    timing.record_tick(**tick, active=False)
    idle = Prefetch.objects.get().until < timezone.now()
    first = factories.claim(project, ben)
    timing.record_tick(**tick, active=True)

    assert (idle, first.pair) == (True, ready.pair)
    assert not Prefetch.objects.exists()


def test_an_active_tick_keeps_it(project, anna):
    lease = at_work(project, anna)
    reserve(project, anna)
    run_out()

    timing.record_tick(
        token=lease.token, person=anna, stage=Stage.REVIEW, tab=TAB, active=True
    )

    assert Prefetch.objects.get().until > timezone.now()


def test_the_sweep_forgets_what_nobody_came_for(project, anna):
    at_work(project, anna)
    reserve(project, anna)

    kept = prefetching.sweep()
    run_out()

    assert (kept, prefetching.sweep()) == (0, 1)


def test_only_its_own_tab_and_person_give_it_back(project, anna, ben):
    at_work(project, anna)
    token = reserve(project, anna).token

    prefetching.give_back(token=token, person=anna, tab=uuid4())
    prefetching.give_back(token=token, person=ben, tab=TAB)
    kept = Prefetch.objects.count()
    prefetching.give_back(token=token, person=anna, tab=TAB)

    assert (kept, Prefetch.objects.count()) == (1, 0)


def test_giving_back_the_pair_in_hand_gives_back_both(project, anna):
    lease = at_work(project, anna)
    reserve(project, anna)

    giving_back.give_back(
        token=lease.token, person=anna, stage=Stage.REVIEW, sent=Sent(tab=TAB)
    )

    assert not Prefetch.objects.exists()


@pytest.mark.parametrize("deed", ["skip", "exclude"])
def test_a_skip_or_an_exclusion_goes_on_to_it(project, anna, deed):
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    how = {"token": lease.token, "person": anna, "note": "", "sent": Sent(tab=TAB)}

    if deed == "skip":
        skipping.skip(reason="unclear", **how)
    else:
        excluding.exclude(reason="safety", **how)

    assert factories.claim(project, anna).token == ready.token


def test_after_an_undo_what_was_laid_down_comes_first_again(project, anna, settings):
    settings.UNDO_SECONDS = 30
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    review = submit(lease, anna)
    second = at_work(project, anna)
    third = reserve(project, anna)
    step = AuditEvent.objects.filter(pair=review.pair).exclude(deed=None).get()

    undoing.undo(project=project, deed=step.deed, person=anna)
    back = Lease.objects.get(holder=anna, ended_at=None)
    autosaving.hold_pen(back, TAB)
    kept = reserve(project, anna)
    submit(back, anna)

    assert (second.token, third.pair != second.pair) == (ready.token, True)
    # It has been opened, and is theirs already: nothing is to be kept from others.
    assert kept is None
    assert factories.claim(project, anna).pair == second.pair


def test_who_left_the_project_keeps_nothing_ready(project, anna, ben):
    at_work(project, anna)
    reserve(project, anna)

    leaving.give_up(project=project, person=anna, role=None)
    Membership.objects.filter(user=anna).delete()
    anna.roles_read.clear()

    assert not Prefetch.objects.exists()
    with pytest.raises(NotAllowed):
        reserve(project, anna)


def test_nothing_is_kept_without_a_pair_in_hand_or_in_an_archive(project, anna):
    without = reserve(project, anna)
    at_work(project, anna)
    project.archived_at = timezone.now()
    project.save()

    assert (without, reserve(project, anna)) == (None, None)


def test_a_pair_that_was_opened_before_is_not_fetched_ahead(project, anna, ben):
    at_work(project, anna)
    Pair.objects.filter(state=PairState.READY).update(opened=True)

    assert reserve(project, anna) is None


def test_a_draft_that_took_its_place_meanwhile_is_the_one_that_is_shown(project, anna):
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    factories.make_coach(project, "second coach")
    factories.draft_all(project)
    submit(lease, anna)

    held = factories.claim(project, anna)

    assert held.draft == Pair.objects.get(pk=held.pair_id).draft
    assert held.pair == ready.pair


def test_what_was_set_aside_meanwhile_is_not_given(project, anna):
    lease = at_work(project, anna)
    ready = reserve(project, anna)
    Pair.objects.filter(pk=ready.pair_id).update(
        state=PairState.EXCLUDED, exclusion_reason="safety"
    )
    submit(lease, anna)

    held = factories.claim(project, anna)

    assert held.pair != ready.pair
    assert reserve(project, anna) is None  # no tab of that hold has the pen yet


def test_the_last_pair_goes_to_who_asks_for_it_first(project, anna, ben):
    at_work(project, anna)
    ready = reserve(project, anna)
    others = Pair.objects.filter(state=PairState.READY).exclude(pk=ready.pair_id)
    others.update(state=PairState.EXCLUDED, exclusion_reason="safety")

    taken = factories.claim(project, ben)

    assert taken.pair == ready.pair
    assert Lease.objects.running().filter(pair=ready.pair).count() == 1
