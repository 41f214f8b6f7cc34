"""Acceptance in bulk: what it takes, what it leaves for a person, what that shows."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotator.domain import chance
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.intervals import share
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import BulkAcceptance, Draft, Pair, Review, Verdict
from annotator.selectors import bulk as reads
from annotator.selectors.bulk import Trust
from annotator.services import bulk_accepting, quality
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
SURE, UNSURE = -0.1, -0.9


@pytest.fixture
def project():
    project = factories.make_drafted(20, drafts_ahead=100)
    Draft.objects.update(mean_logprob=SURE)
    return project


@pytest.fixture
def lia(project):
    return factories.make_member(project, Role.LEAD, "lia")


def accept(project, lia, **values) -> BulkAcceptance:
    given = {"threshold": -0.5, "audit_share": 0.3, **values}
    return bulk_accepting.accept(project=project, actor=lia, **given)


def test_the_untouched_and_sure_are_accepted_but_for_the_audit(project, anna, lia):
    reviews = [factories.review(project, anna) for _ in range(12)]

    deed = accept(project, lia)

    drawn = {
        review
        for review in reviews
        if chance.audit_place(review.pair.fingerprint, deed.pk) < 0.3
    }
    assert set(deed.audits.all()) == drawn
    assert (deed.audited, deed.accepted) == (len(drawn), 12 - len(drawn))
    assert drawn
    taken = Verdict.objects.filter(bulk=deed)
    assert {verdict.review for verdict in taken} == set(reviews) - drawn
    assert {(v.kind, v.judge, v.accepted) for v in taken} == {("bulk", None, True)}
    waiting = Pair.objects.in_state(PairState.REVIEWED)
    assert {pair.pk for pair in waiting} == {review.pair_id for review in drawn}
    event = taken[0].review.pair.events.get(action="accepted in bulk")
    assert event.actor == lia


def test_at_least_one_stays_for_a_person(project, anna, lia):
    for _ in range(3):
        factories.review(project, anna)

    assert accept(project, lia, audit_share=0.0001).audited == 1


def test_what_is_left_alone(project, anna, lia):
    """Edited, unsure, held, returned, own, too new, or kept by an earlier bulk."""
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    held = factories.review(project, anna)
    factories.claim(project, rosa, Stage.QUALITY)
    edited = factories.review(
        project, anna, PairText(instruction="Mine.", input="", response="All mine.")
    )
    unsure = factories.review(project, anna)
    Draft.objects.filter(pk=unsure.draft_id).update(mean_logprob=UNSURE)
    own = factories.review(project, lia)
    moment = timezone.now()
    new = factories.review(project, anna)
    plain = Review.objects.exclude(pk__in=[held.pk, edited.pk, unsure.pk, own.pk])

    with pytest.raises(Invalid, match="No untouched review"):
        accept(project, lia, until=moment)
    deed = accept(project, lia, audit_share=1.0)

    assert list(deed.audits.all()) == [new] == list(plain)
    with pytest.raises(Invalid):  # the audit is never taken by the next bulk
        accept(project, lia)


def test_a_correction_is_never_accepted_in_bulk(project, anna, lia):
    factories.review(project, anna)
    lease = factories.claim(project, lia, Stage.QUALITY)
    quality.send_back(token=lease.token, person=lia, reason="style")
    factories.review(project, anna)

    with pytest.raises(Invalid):
        accept(project, lia)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_only_leads_accept_in_bulk(project, role):
    person = factories.make_member(project, role, "someone")

    with pytest.raises(NotAllowed):
        accept(project, person)


@pytest.mark.parametrize("audit_share", [0.0, 1.5, -1.0])
def test_a_bulk_without_an_audit_is_refused(project, anna, lia, audit_share):
    factories.review(project, anna)

    with pytest.raises(Invalid, match="above 0"):
        accept(project, lia, audit_share=audit_share)


def test_audits_show_how_the_bulk_came_out(project, anna, lia):
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    for _ in range(12):
        factories.review(project, anna)
    deed = accept(project, lia, audit_share=0.5)
    for number in range(deed.audited):
        lease = factories.claim(project, rosa, Stage.QUALITY)
        if number == 0:
            quality.accept(token=lease.token, person=rosa)
        elif number == 1:
            text = PairText(instruction="Mended.", input="", response="Mended.")
            quality.fix_and_accept(token=lease.token, person=rosa, text=text)
        else:
            quality.send_back(token=lease.token, person=rosa, reason="incorrect")

    [outcome] = reads.outcomes(project)

    assert outcome.judged == deed.audited
    assert outcome.failed is not None
    assert outcome.failed.count == deed.audited - 1
    assert outcome.trust == Trust.FAILS


@pytest.mark.parametrize(
    ("failed", "judged", "trust"),
    [
        (0, 0, Trust.UNKNOWN),
        (1, 10, Trust.UNKNOWN),
        (5, 20, Trust.FAILS),
        (0, 80, Trust.HOLDS),
    ],
)
def test_trust_needs_an_interval_on_one_side(failed, judged, trust):
    assert reads.trust(share(failed, judged), 0.05) == trust


def test_the_effect_of_a_threshold_is_counted_beforehand(project, anna, lia):
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    for fails in (True, False):
        factories.review(project, anna)
        lease = factories.claim(project, rosa, Stage.QUALITY)
        if fails:
            quality.send_back(token=lease.token, person=rosa, reason="style")
            Pair.objects.filter(pk=lease.pair_id).update(reserved_for=rosa)
        else:
            quality.accept(token=lease.token, person=rosa)
    reviews = [factories.review(project, anna) for _ in range(4)]
    Draft.objects.filter(pk__in=[r.draft_id for r in reviews[:2]]).update(
        mean_logprob=UNSURE
    )

    by_threshold = {e.threshold: e for e in reads.effects(project, lia, chosen=-0.5)}

    assert by_threshold[-0.5].waiting == 2
    assert by_threshold[-0.9].waiting == 4
    assert by_threshold[-0.5].judged == 2
    failed = by_threshold[-0.5].failed
    assert failed is not None
    assert failed.count == 1
    assert accept(project, lia).audited >= 1
