"""Taking a review up again: while nobody judges it, and with nothing lost."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotator.domain.errors import IllegalMove, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import BulkAcceptance, Membership, Review
from annotator.selectors import my_reviews
from annotator.selectors.my_reviews import Asked, Fate
from annotator.services import autosaving, quality, queueing, reviewing, taking_up
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(4)


def text_of(words: str) -> PairText:
    return PairText(instruction="Ask.", input="", response=words)


def fates(project, person, **asked) -> list[str]:
    found, _ = my_reviews.page(person, project, Asked(**asked))
    return [each.fate for each in found]


def test_the_text_stands_in_the_editor_and_is_handed_in_anew(project, anna):
    review = factories.review(project, anna, text_of("first words"))

    lease = taking_up.take_up(review=review, person=anna)

    assert lease.pair == review.pair
    assert lease.draft == review.draft
    saved = review.pair.autosaves.get(author=anna)
    assert (saved.text, saved.used_at) == (text_of("first words"), None)
    again = reviewing.submit(
        token=lease.token, person=anna, text=text_of("second words")
    )
    standing = Review.objects.standing().filter(pair=review.pair)
    assert list(standing) == [again]
    assert Review.objects.filter(pair=review.pair).count() == 2


def test_the_pair_in_hand_is_laid_down_and_its_text_waits(project, anna):
    review = factories.review(project, anna)
    held = factories.claim(project, anna)
    autosaving.keep_text(
        token=held.token, person=anna, text=text_of("half"), base_revision=None,
        tab=uuid4(),
    )  # fmt: skip

    taking_up.take_up(review=review, person=anna)

    held.pair.refresh_from_db()
    assert held.pair.state == PairState.READY
    assert held.pair.reserved_for == anna
    assert held.pair.autosaves.get().text == text_of("half")


def test_a_second_tab_that_asks_too_is_refused_and_loses_nothing(project, anna):
    review = factories.review(project, anna)
    lease = taking_up.take_up(review=review, person=anna)

    with pytest.raises(IllegalMove, match="does not stand"):
        taking_up.take_up(review=review, person=anna)

    lease.refresh_from_db()
    assert lease.ended_at is None


def test_what_is_being_judged_stays(project, anna, rosa):
    review = factories.review(project, anna)
    quality.claim(project=project, person=rosa)

    with pytest.raises(IllegalMove, match="has the review in hand"):
        taking_up.take_up(review=review, person=anna)

    assert Review.objects.standing().filter(pk=review.pk).exists()


@pytest.mark.parametrize("accepted", [True, False])
def test_what_is_judged_stays(project, anna, rosa, accepted):
    review = factories.review(project, anna)
    lease = quality.claim(project=project, person=rosa)
    if accepted:
        quality.accept(token=lease.token, person=rosa)
    else:
        quality.send_back(token=lease.token, person=rosa, reason="style")

    with pytest.raises(IllegalMove, match="is judged"):
        taking_up.take_up(review=review, person=anna)


def test_what_is_kept_for_an_audit_stays(project, anna, lena):
    review = factories.review(project, anna)
    review.audit_of = BulkAcceptance.objects.create(
        project=project, actor=lena, threshold=0, audit_share=1
    )
    review.save()

    with pytest.raises(IllegalMove, match="audit"):
        taking_up.take_up(review=review, person=anna)


def test_one_of_two_texts_stays():
    two = factories.make_drafted(1, overlap_share=1.0)
    anna, ben = (factories.make_member(two, Role.ANNOTATOR, n) for n in ("anna", "ben"))
    first = factories.review(two, anna)
    with pytest.raises(IllegalMove, match="Two people"):
        taking_up.take_up(review=first, person=anna)

    second = factories.review(two, ben)

    for review, author in ((first, anna), (second, ben)):
        with pytest.raises(IllegalMove):
            taking_up.take_up(review=review, person=author)


def test_nobody_takes_up_the_review_of_another(project, anna, ben):
    review = factories.review(project, anna)

    with pytest.raises(IllegalMove, match="does not stand"):
        taking_up.take_up(review=review, person=ben)


def test_who_left_the_project_takes_nothing_up(project, anna):
    review = factories.review(project, anna)
    Membership.objects.filter(user=anna).delete()
    anna.roles_read.clear()

    with pytest.raises(NotAllowed):
        taking_up.take_up(review=review, person=anna)


def test_how_each_review_fared_newest_first(project, anna, rosa):
    for deed in ("accept", "mend", "return"):
        review = factories.review(project, anna, text_of(f"words to {deed}"))
        token = quality.claim(project=project, person=rosa).token
        if deed == "accept":
            quality.accept(token=token, person=rosa)
        elif deed == "mend":
            mended = text_of("mended words")
            quality.fix_and_accept(token=token, person=rosa, text=mended)
        else:
            quality.send_back(token=token, person=rosa, reason="style")
    lease = queueing.claim(project=project, person=anna, stage="review")
    reviewing.submit(token=lease.token, person=anna, text=text_of("the correction"))

    assert lease.pair == review.pair
    assert fates(project, anna) == ["waiting", "returned", "mended", "accepted"]
    for fate in (Fate.WAITING, Fate.RETURNED, Fate.MENDED, Fate.ACCEPTED):
        assert fates(project, anna, fate=fate) == [fate]
    assert fates(project, anna, text="TO MEND") == [Fate.MENDED]
    assert fates(project, anna, text="100%") == []
    found, _ = my_reviews.page(anna, project, Asked())
    assert [each.may_take_up for each in found] == [True, False, False, False]
    assert found[2].remarks
