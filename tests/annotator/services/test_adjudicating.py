"""Where two people do not agree, a lead lets one text stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotator.domain.errors import IllegalMove, Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import Review, Ruling
from annotator.selectors import accepted, adjudication, agreement, quality_desk
from annotator.selectors.accepted import ReviewQuery
from annotator.selectors.reports import parts
from annotator.services import adjudicating, quality, reviewing
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
THIRD = PairText(instruction="Explain it well.", response="A third text, by a lead.")


@pytest.fixture
def project():
    return factories.make_drafted(2, overlap_share=1.0)


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD, "leo")


@pytest.fixture
def pair(project, lead):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    write(project, anna, "Anna's words about it, quite a lot of them.")
    return write(project, ben, "What Ben has to say is something else.").pair


def write(project, person, response):
    lease = factories.claim(project, person)
    text = replace(lease.draft.text, response=response)
    return reviewing.submit(token=lease.token, person=person, text=text)


def rule(pair, lead, choice, **more):
    given = {"reason": "guideline_gap", **more}
    return adjudicating.rule(pair=pair, actor=lead, choice=choice, **given)


@pytest.mark.parametrize(("choice", "author"), [("first", "anna"), ("second", "ben")])
def test_the_chosen_text_stands_and_goes_to_quality_control(
    project, pair, lead, choice, author
):
    rosa = factories.make_member(project, Role.REVIEWER)

    rule(pair, lead, choice, note="See section 3.")
    lease = factories.claim(project, rosa, Stage.QUALITY)

    assert quality_desk.judged(lease).review.author.username == author
    assert pair.reviews.standing().count() == 1


def test_a_third_text_is_a_review_that_nobody_clocked(project, pair, lead):
    rosa = factories.make_member(project, Role.REVIEWER)

    rule(pair, lead, "third", text=THIRD)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.accept(token=lease.token, person=rosa)

    taught = accepted.reviews(project, ReviewQuery()).get()
    assert taught.text == THIRD
    assert taught.author == lead
    assert taught.slot == Review.Slot.RULING
    assert parts.reviews(project).count() == 0


def test_a_third_text_must_be_whole(pair, lead):
    with pytest.raises(Invalid, match="response is empty"):
        rule(pair, lead, "third", text=replace(THIRD, response=" "))
    pair.refresh_from_db()

    assert pair.state == PairState.DISPUTED
    assert Ruling.objects.count() == 0


@pytest.mark.parametrize(
    "wrong", [{"choice": "both"}, {"choice": "first", "reason": "mood"}]
)
def test_it_asks_for_a_text_and_a_reason(pair, lead, wrong):
    with pytest.raises(Invalid, match="Choose a"):
        rule(pair, lead, **wrong)


def test_it_is_ruled_on_once(pair, lead):
    rule(pair, lead, "first")

    with pytest.raises(IllegalMove):
        rule(pair, lead, "second")


def test_annotators_do_not_rule(project, pair):
    carl = factories.make_member(project, Role.ANNOTATOR, "carl")

    with pytest.raises(NotAllowed):
        rule(pair, carl, "first")


def test_an_author_rules_only_if_nobody_else_can(project, lead):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    write(project, anna, "Anna's words about it, quite a lot of them.")
    pair = write(project, lead, "What the lead has to say is another thing.").pair
    other = factories.make_member(project, Role.LEAD, "lea")

    with pytest.raises(NotAllowed):
        rule(pair, lead, "second")
    project.memberships.get(user=other).delete()

    assert rule(pair, lead, "second").is_own


def test_the_two_texts_have_no_names(pair):
    found = adjudication.disputed(pair)

    shown = {found.a.choice: found.a.review, found.b.choice: found.b.review}
    assert shown["first"].author.username == "anna"
    assert shown["second"].author.username == "ben"
    assert [found.a.letter, found.b.letter] == ["A", "B"]
    assert found.fields[2].differs
    assert not found.fields[0].differs


def test_agreement_tells_pairs_people_and_reasons(project, pair, lead):
    rule(pair, lead, "second")

    found = agreement.agreements(project)

    assert len(found.rows) == 1
    assert found.people == 2
    assert found.one_text == found.open == 0
    assert found.reasons == [("guideline_gap", 1)]
    assert found.rows[0].ruling == "second"
    assert found.mean_similarity == found.median_similarity < 0.7
    assert found.decision.alpha is None  # both rewrote it: nothing varies
    assert {one.pairs for one in found.tags} == {1}


def test_agreement_reads_any_number_of_pairs_in_five_queries(
    project, pair, django_assert_max_num_queries
):
    with django_assert_max_num_queries(5):
        agreement.agreements(project)
