"""Notices: who is told of what, once, and never of their own deed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain import news
from annotator.domain.errors import Invalid
from annotator.domain.news import Kind, Way
from annotator.domain.roles import Role
from annotator.domain.states import SkipPolicy
from annotator.models import Membership, Notice, Verdict
from annotator.selectors import inbox
from annotator.services import (
    commenting,
    exporting,
    notice_words,
    parking,
    quality,
    skipping,
    telling,
    telling_of_training,
    undoing,
)
from annotator.services.deeds import Sent
from annotator.services.news import News
from tests import factories
from training.models import CoachVersion, Evaluation

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(4)


def kinds(person) -> list[str]:
    return list(inbox.of(person).order_by("pk").values_list("kind", flat=True))


def words(person) -> list[str]:
    found = inbox.page(person, inbox.Wanted()).notices
    return [each.sentence for each in notice_words.told(person, found)]


def send_back(project, rosa, sent: Sent | None = None, **said) -> Verdict:
    lease = quality.claim(project=project, person=rosa)
    return quality.send_back(
        token=lease.token, person=rosa, reason="style", sent=sent, **said
    )


def news_of(project, **values) -> News:
    given = {"kind": Kind.DRIFT, "about": Notice.About.DRIFT, "key": "drift:1"}
    return News(project=project, said={"alarms": 1}, **(given | values))


def test_an_author_is_told_that_a_review_came_back(project, anna, rosa):
    review = factories.review(project, anna)

    send_back(project, rosa, also=["unsafe"], note="<b>See</b> section 2.")

    [told] = notice_words.told(anna, inbox.page(anna, inbox.Wanted()).notices)
    assert told.sentence == (
        f"rosa sent your review of pair {review.pair_id} back: language, structure or "
        "tone; unsafe."
    )
    assert told.more == "<b>See</b> section 2."
    assert not told.is_read
    assert kinds(rosa) == []


def test_a_return_that_is_sent_twice_tells_once(project, anna, rosa):
    factories.review(project, anna)
    lease = quality.claim(project=project, person=rosa)
    sent = Sent()

    for _ in range(2):
        quality.send_back(token=lease.token, person=rosa, reason="style", sent=sent)

    assert kinds(anna) == [Kind.RETURNED]


def test_an_undone_return_is_not_told_any_more(project, anna, rosa, settings):
    factories.review(project, anna)
    sent = Sent()
    send_back(project, rosa, sent)

    settings.UNDO_SECONDS = 30
    undoing.undo(project=project, deed=sent.deed, person=rosa)

    assert kinds(anna) == []


def test_whoever_has_the_returned_pair_in_hand_knows(project, anna, rosa):
    review = factories.review(project, anna)
    send_back(project, rosa)

    lease = factories.claim(project, anna)

    assert lease.pair == review.pair
    assert inbox.unread(anna) == []
    assert kinds(anna) == [Kind.RETURNED]


def test_acceptances_are_told_to_those_only_who_want_it(project, anna, ben, rosa):
    telling.choose(person=ben, chosen={Kind.ACCEPTED: Way.INBOX})
    for author in (anna, ben):
        factories.review(project, author)
        lease = quality.claim(project=project, person=rosa)
        quality.accept(token=lease.token, person=rosa)

    assert kinds(anna) == []
    assert kinds(ben) == [Kind.ACCEPTED]


def test_who_skipped_a_parked_pair_hears_the_answer(project, anna, lena):
    project.skip_policy = SkipPolicy.LEAD
    project.save()
    lease = factories.claim(project, anna)
    skipping.skip(token=lease.token, person=anna, reason="not_my_field")
    lease.pair.refresh_from_db()

    parking.decide(pair=lease.pair, actor=lena, action="queue", note="Ben knows.")

    assert words(anna) == [
        f"lena put pair {lease.pair_id}, which you skipped, back in the queue."
    ]


def test_a_member_who_is_named_is_told_and_others_are_not(project, anna, ben, lena):
    pair = project.pairs.first()

    commenting.comment(pair=pair, author=anna, body="@lena, @anna, @nobody: is it so?")

    assert kinds(lena) == [Kind.MENTION]
    assert kinds(anna) == kinds(ben) == []


def test_nobody_is_told_of_their_own_deed(project, lena):
    telling.tell(news_of(project, by=lena), [lena.pk])

    assert kinds(lena) == []


def test_an_outsider_is_told_nothing(project, anna):
    other = factories.make_project(slug="other")

    telling.tell(news_of(other), [anna.pk])

    assert not Notice.objects.exists()


def test_who_leaves_a_project_sees_its_news_no_more(project, anna, lena):
    telling.tell(news_of(project), [anna.pk, lena.pk])

    Membership.objects.filter(user=anna).delete()

    assert inbox.unread(anna) == []
    assert len(inbox.unread(lena)) == 1


def test_many_are_told_of_much_in_three_queries(project, django_assert_num_queries):
    people = [factories.make_member(project, Role.LEAD, f"lead{n}") for n in range(9)]
    events = [news_of(project, key=f"drift:{n}") for n in range(20)]

    with django_assert_num_queries(3):
        telling.tell_each(events, [person.pk for person in people])
    telling.tell_each(events, [person.pk for person in people])

    assert Notice.objects.count() == 180


def test_marking_all_leaves_what_came_since_the_page(project, lena):
    telling.tell(news_of(project), [lena.pk])
    shown = inbox.page(lena, inbox.Wanted()).notices[0].pk
    telling.tell(news_of(project, key="drift:2"), [lena.pk])

    telling.mark_all_read(lena, until=shown)

    assert len(inbox.unread(lena)) == 1


def test_nobody_marks_the_news_of_others(project, anna, lena):
    telling.tell(news_of(project), [lena.pk])

    telling.mark_read(anna, [Notice.objects.get().pk])
    telling.mark_all_read(anna)

    assert len(inbox.unread(lena)) == 1


def test_after_ninety_days_a_notice_is_forgotten(project, lena):
    for number, days in enumerate([91, 89]):
        telling.tell(news_of(project, key=f"drift:{number}"), [lena.pk])
        old = Notice.objects.filter(key=f"drift:{number}")
        old.update(at=timezone.now() - timedelta(days=days))

    telling.forget_old()

    assert [each.key for each in Notice.objects.all()] == ["drift:1"]


@pytest.mark.parametrize(
    "chosen", [{"weather": "off"}, {"drift": "loud"}, {"drift": "none"}]
)
def test_an_unknown_way_is_refused_and_nothing_changes(project, lena, chosen):
    with pytest.raises(Invalid):
        telling.choose(person=lena, chosen=chosen)

    lena.refresh_from_db()
    assert lena.notices == {}


@pytest.mark.parametrize("kept", ["loud", None, 7, "none", ["off"]])
def test_a_choice_that_means_nothing_is_as_by_default(kept):
    assert news.way({"drift": kept}, Kind.DRIFT) == Way.INBOX


def test_a_job_that_failed_tells_whoever_asked_for_it(project, lena, anna, settings):
    settings.EXPORTS = "/dev/null/nowhere"
    export = exporting.request(
        project=project,
        actor=lena,
        order=exporting.order_of({"shape": "audit", "file": "jsonl"}),
    )

    exporting.write(export.pk)

    export.refresh_from_db()
    assert export.state == "failed"
    assert words(lena) == [f"The export {export.name} failed."]
    assert kinds(anna) == []


def test_the_gate_is_told_once_to_those_who_train(project, lena, ada):
    coach = CoachVersion.objects.get()
    Evaluation.objects.create(
        coach=coach, outcome="hold", held_out_sha256="0", examples=1, seconds=1.0
    )

    found = [telling_of_training.sweep() for _ in range(2)]

    assert found == [1, 0]
    assert words(ada) == ["The gate holds first coach: it cannot tell yet."]
    assert kinds(lena) == []


def test_a_blind_judge_is_not_told_who_wrote_the_review(project, anna, rosa):
    project.blind_author = True
    project.save()
    review = factories.review(project, anna)

    commenting.comment(pair=review.pair, author=anna, body="@rosa please be kind")

    assert words(rosa) == [f"the author mentioned you about pair {review.pair_id}."]
    lease = quality.claim(project=project, person=rosa)
    quality.accept(token=lease.token, person=rosa)
    assert words(rosa) == [f"anna mentioned you about pair {review.pair_id}."]
