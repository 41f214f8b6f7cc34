"""Nobody gets a pair that somebody has, and nobody loses one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotator.domain.errors import LeaseLost, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import AuditEvent, Lease, Membership, User
from annotator.selectors import offered, queue
from annotator.services import autosaving, giving_back, queueing
from tests import factories

PEOPLE = 50
PAIRS = 40


@pytest.mark.django_db(transaction=True)
def test_fifty_people_at_once_never_get_one_pair_twice():
    project = factories.make_project()
    factories.make_coach(project)
    project.drafts_ahead = 1000
    project.save()
    factories.import_rows(project, factories.rows(PAIRS))
    factories.draft_all(project)
    people = [
        factories.make_member(project, Role.ANNOTATOR, f"p{n}") for n in range(PEOPLE)
    ]

    def claim(person: User) -> int | None:
        try:
            lease = queueing.claim(project=project, person=person, stage=Stage.REVIEW)
            return lease.pair_id if lease else None
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        got = [pair for pair in pool.map(claim, people) if pair]

    assert len(got) == len(set(got)) == PAIRS


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_person_share_one_lease():
    project = factories.make_drafted(5)
    anna = factories.make_member(project, Role.ANNOTATOR)

    def claim(_: int) -> str:
        try:
            return str(factories.claim(project, anna).token)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(claim, range(8)))

    assert len(tokens) == 1


@pytest.mark.django_db(transaction=True)
def test_a_long_claim_keeps_the_person_neither_from_signing_in_nor_from_elsewhere():
    here = factories.make_drafted(1)
    there = factories.make_project(slug="elsewhere")
    factories.import_rows(there, factories.rows(1))
    anna = factories.make_member(here, Role.ANNOTATOR)
    Membership.objects.create(project=there, user=anna, role=Role.ANNOTATOR)

    def meanwhile() -> Lease | None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            User.objects.filter(pk=anna.pk).update(last_login=timezone.now())
            return queueing.claim(project=there, person=anna, stage=Stage.REVIEW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        factories.claim(here, anna)  # as the demo's weeks hold it to their end
        pool.submit(meanwhile).result()

    anna.refresh_from_db()
    assert anna.last_login is not None


@pytest.mark.django_db
def test_an_expired_lease_is_swept_and_its_pair_offered_again():
    project = factories.make_drafted(1)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    lease = factories.claim(project, anna)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    released = queueing.release_expired()

    assert released == 1
    assert factories.claim(project, ben).pair_id == lease.pair_id
    with pytest.raises(LeaseLost):
        giving_back.give_back(token=lease.token, person=anna, stage=Stage.REVIEW)


def run_out(*leases):
    ids = [lease.pk for lease in leases]
    past = timezone.now() - timedelta(seconds=1)
    Lease.objects.filter(pk__in=ids).update(expires_at=past)


@pytest.fixture
def two():
    """A project with two ready pairs, and its two annotators."""
    project = factories.make_drafted(2)
    names = ("anna", "ben")
    return project, *(
        factories.make_member(project, Role.ANNOTATOR, name) for name in names
    )


@pytest.mark.django_db
def test_a_lease_that_ran_out_is_over_for_others_though_no_sweep_runs(two):
    project, anna, ben = two
    lease = factories.claim(project, anna)
    taken = factories.claim(project, ben)
    giving_back.give_back(token=taken.token, person=ben, stage=Stage.REVIEW)
    run_out(lease)

    assert factories.claim(project, ben).pair_id == lease.pair_id
    assert not queueing.is_running(lease)
    assert AuditEvent.objects.filter(action="lease ran out").count() == 1


@pytest.mark.django_db
def test_who_comes_back_late_goes_on_with_a_pair_that_nobody_has_taken(two):
    project, anna, _ = two
    lease = factories.claim(project, anna)
    run_out(lease)

    assert factories.claim(project, anna) == lease


@pytest.mark.django_db
def test_what_a_typist_left_waits_for_them_though_no_sweep_runs(two):
    project, anna, ben = two
    lease = factories.claim(project, anna)
    text = lease.draft.text
    autosaving.keep_text(token=lease.token, person=anna, text=text)
    factories.claim(project, ben)
    run_out(lease)

    queueing.release_expired(project, at_most=1)

    assert queueing.claim(project=project, person=ben, stage=Stage.REVIEW) != lease
    assert factories.claim(project, anna).pair_id == lease.pair_id


@pytest.mark.django_db
def test_nobody_is_counted_as_working_whose_lease_ran_out(two, client):
    project, anna, ben = two
    run_out(factories.claim(project, anna))
    client.force_login(ben)

    before = queue.why_empty(project, ben, Stage.REVIEW)
    client.get("/p/demo/")

    assert not before.leased
    assert offered.mine(project, ben, Stage.REVIEW).now == 2


@pytest.mark.django_db
def test_a_claim_ends_no_more_holds_than_it_has_time_for(two, monkeypatch):
    project, anna, ben = two
    run_out(factories.claim(project, anna), factories.claim(project, ben))
    monkeypatch.setattr(queueing, "MOST_RELEASED", 1)
    carl = factories.make_member(project, Role.ANNOTATOR, "carl")

    factories.claim(project, carl)

    assert AuditEvent.objects.filter(action="lease ran out").count() == 1


@pytest.mark.django_db
def test_a_pair_given_back_is_ready_again_and_it_is_written_down():
    project = factories.make_drafted(1)
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)

    giving_back.give_back(token=lease.token, person=anna, stage=Stage.REVIEW)

    assert factories.states(project) == [PairState.READY]
    assert AuditEvent.objects.filter(action="given back", actor=anna).exists()


@pytest.mark.django_db
def test_an_annotator_may_not_claim_for_quality_control():
    project = factories.make_project()
    anna = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        queueing.claim(project=project, person=anna, stage=Stage.QUALITY)
