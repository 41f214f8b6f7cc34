"""Once a day authors hear what was accepted of theirs; leads how their audit ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator import tasks
from annotator.domain.news import Kind, Way
from annotator.models import Draft, Notice, Verdict
from annotator.selectors import inbox
from annotator.services import (
    bulk_accepting,
    notice_words,
    quality,
    sampling,
    telling,
    telling_of_reviews,
    undoing,
)
from annotator.services.deeds import Sent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_drafted(12, drafts_ahead=100)
    Draft.objects.update(mean_logprob=-0.1)
    return project


def words(person) -> list[str]:
    found = inbox.page(person, inbox.Wanted()).notices
    return [each.sentence for each in notice_words.told(person, found)]


def days_ago(days: float) -> None:
    Verdict.objects.update(created_at=timezone.now() - timedelta(days=days))


def accept(project, judge) -> Verdict:
    lease = quality.claim(project=project, person=judge)
    return quality.accept(token=lease.token, person=judge)


def test_what_was_accepted_seen_and_unseen_is_told_the_day_after(project, anna, rosa):
    reviews = [factories.review(project, anna) for _ in range(3)]
    accept(project, rosa)
    rest = [each.pair for each in reviews if not hasattr(each, "verdict")]
    for pair in rest:
        pair.refresh_from_db()
    project.pairs.filter(state="reviewed").update(to_judge=False)
    sampling.accept_unsampled()
    tasks.tell_of_days()
    today = words(anna)
    days_ago(1)

    tasks.tell_of_days()
    tasks.tell_of_days()

    assert today == []
    [told] = words(anna)
    assert told.startswith("3 of your reviews were accepted on ")
    assert told.endswith("2 of them without being looked at.")
    assert words(rosa) == []


def test_each_author_and_each_day_has_its_own(project, anna, ben, rosa):
    for author in (anna, ben, anna):
        factories.review(project, author)
        accept(project, rosa)
    first = Verdict.objects.filter(review__author=anna).earliest("pk")
    days_ago(1)
    Verdict.objects.filter(pk=first.pk).update(
        created_at=timezone.now() - timedelta(days=2)
    )

    told = telling_of_reviews.sweep_days()

    assert told == 3
    assert [each.split(" on ")[0] for each in words(anna)] == [
        "1 of your reviews was accepted"
    ] * 2
    assert "looked at" not in words(ben)[0]


def test_days_long_ago_and_ones_own_verdicts_are_no_news(project, lena):
    project.own_judged = True
    project.save()
    factories.review(project, lena)
    accept(project, lena)
    days_ago(1)

    assert telling_of_reviews.sweep_days() == 0
    Verdict.objects.update(judge=None, kind=Verdict.Kind.UNSAMPLED)
    days_ago(5)
    assert telling_of_reviews.sweep_days() == 0


def test_who_does_not_want_it_is_not_told(project, anna, rosa):
    telling.choose(person=anna, chosen={Kind.DAY: Way.NONE})
    factories.review(project, anna)
    accept(project, rosa)
    days_ago(1)

    tasks.tell_of_days()

    assert words(anna) == []


def test_a_day_leads_to_what_i_handed_in_which_counts_as_reading(
    client, project, anna, rosa
):
    factories.review(project, anna)
    accept(project, rosa)
    days_ago(1)
    tasks.tell_of_days()
    client.force_login(anna)
    [told] = notice_words.told(anna, Notice.objects.filter(person=anna))

    page = client.get(told.address)

    assert page.status_code == 200
    assert inbox.unread(anna) == []


@pytest.fixture
def audited(project, anna, lena):
    """A bulk of lena's that left two reviews for a person."""
    for _ in range(6):
        factories.review(project, anna)
    bulk = bulk_accepting.accept(
        project=project, actor=lena, threshold=-0.5, audit_share=0.001
    )
    assert bulk.audited == 1
    return bulk


def test_a_lead_hears_how_the_audit_of_a_bulk_ended(project, audited, lena, rosa):
    accept(project, rosa)

    assert words(lena) == [
        "Your acceptance in bulk is audited: of 1 review 0 was sent back."
    ]
    [notice] = Notice.objects.filter(person=lena)
    assert notice_words.address(notice) == "/p/demo/quality/bulk/"


def test_an_audit_that_fails_says_so_twice_and_an_undo_takes_both_back(
    project, audited, lena, rosa, settings
):
    lease = quality.claim(project=project, person=rosa)
    sent = Sent()
    quality.send_back(token=lease.token, person=rosa, reason="style", sent=sent)
    before = words(lena)

    settings.UNDO_SECONDS = 30
    undoing.undo(project=project, deed=sent.deed, person=rosa)

    assert len(before) == 2
    assert "of 1 review 1 was sent back" in before[0]
    assert words(lena) == []
