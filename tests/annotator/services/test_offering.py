"""A revision that comes for a pair that is here is offered; a lead decides."""

from __future__ import annotations

import pytest

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import OfferedRevision, Pair, Review
from annotator.selectors import history
from annotator.services import offering
from annotator.services.tallies import recounting
from tests import factories

pytestmark = pytest.mark.django_db
OUTCOME = OfferedRevision.Outcome


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def leo(project):
    return factories.make_member(project, Role.LEAD)


def revised(count: int, by: str = "A") -> list[dict[str, str]]:
    return [
        row | {"Revised Instruction": "Say it.", "Revised Response": f"By {by}, {n}."}
        for n, row in enumerate(factories.rows(count))
    ]


def outcomes() -> list[tuple[str, str]]:
    offers = OfferedRevision.objects.order_by("pk")
    return [(offered.response, offered.outcome) for offered in offers]


def test_a_revision_of_a_known_pair_is_offered_and_alters_nothing(project):
    factories.import_rows(project, factories.rows(2))

    batch = factories.import_rows(project, revised(2))

    assert (batch.imported, batch.duplicates) == (0, 2)
    assert outcomes() == [("By A, 0.", ""), ("By A, 1.", "")]
    assert PairState.ACCEPTED not in factories.states(project)
    assert not Review.objects.exists()


def test_taken_for_an_untouched_pair_it_is_an_accepted_review(project, leo):
    factories.import_rows(project, factories.rows(2))
    batch = factories.import_rows(project, revised(2))

    told = offering.take(batch=batch, actor=leo)

    assert told == {"accepted": 2, "kept": 0, "left": 0}
    assert factories.states(project) == [PairState.ACCEPTED] * 2
    review = Review.objects.earliest("pk")
    assert review.is_imported
    assert review.response == "By A, 0."
    assert review.verdict.accepted


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_pair_stays_in_its_arm(leo, share):
    other = factories.make_project(slug="arms", control_share=share)
    factories.Membership.objects.create(project=other, user=leo, role=Role.LEAD)
    factories.import_rows(other, factories.rows(1))
    before = Pair.objects.get(project=other)
    batch = factories.import_rows(other, revised(1))

    offering.take(batch=batch, actor=leo)

    after = Pair.objects.get(project=other)
    assert (after.arm, after.dealt_as) == (before.arm, before.dealt_as)
    assert after.state == PairState.ACCEPTED


def test_of_two_experts_the_first_counts_and_the_second_is_kept(project, leo):
    batch = factories.import_rows(project, revised(1) + revised(1, by="B"))
    assert outcomes() == [("By B, 0.", "")]

    told = offering.take(batch=batch, actor=leo)

    assert told["kept"] == 1
    assert Review.objects.get().response == "By A, 0."


def test_of_two_that_wait_the_first_of_the_file_is_the_review(project, leo):
    factories.import_rows(project, factories.rows(1))
    batch = factories.import_rows(project, revised(1) + revised(1, by="B"))

    offering.take(batch=batch, actor=leo)

    assert outcomes() == [("By A, 0.", "accepted"), ("By B, 0.", "kept")]
    assert Review.objects.get().response == "By A, 0."


def test_for_a_touched_pair_it_is_kept_in_the_history(project, leo):
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    mine = factories.review(project, anna)
    batch = factories.import_rows(project, revised(1))

    offering.take(batch=batch, actor=leo)

    assert outcomes() == [("By A, 0.", "kept")]
    assert Review.objects.get() == mine
    assert Pair.objects.get().state == PairState.REVIEWED
    (kept,) = [e for e in history.timeline(mine.pair) if e.kind == "offered"]
    assert kept.who == "lead"
    assert any("By A" in str(diff.hunks) for diff in kept.diffs)


def test_a_pair_that_somebody_holds_is_left_to_them(project, leo):
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    factories.draft_all(project)
    factories.claim(project, factories.make_member(project, Role.ANNOTATOR))
    batch = factories.import_rows(project, revised(1))

    offering.take(batch=batch, actor=leo)

    assert outcomes() == [("By A, 0.", "kept")]
    assert Pair.objects.get().state == PairState.IN_REVIEW


def test_a_revised_side_that_was_not_to_be_accepted_is_offered(project, leo):
    batch = factories.import_rows(project, revised(2), revised_as_accepted=False)
    assert len(outcomes()) == 2

    offering.take(batch=batch, actor=leo)

    assert factories.states(project) == [PairState.ACCEPTED] * 2


def test_the_same_file_again_offers_nothing_new(project, leo):
    first = factories.import_rows(project, revised(2))
    second = factories.import_rows(project, revised(2))
    waiting = factories.import_rows(project, revised(2, by="B"))
    again = factories.import_rows(project, revised(2, by="B"))

    assert [b.offers.count() for b in (first, second, waiting, again)] == [0, 0, 2, 0]


def test_one_can_be_taken_and_another_left(project, leo):
    factories.import_rows(project, factories.rows(3))
    batch = factories.import_rows(project, revised(3))
    first, second, _ = OfferedRevision.objects.order_by("pk")

    offering.take(batch=batch, actor=leo, offers=[second.pk])
    offering.leave(batch=batch, actor=leo, offers=[first.pk])

    assert [outcome for _, outcome in outcomes()] == ["left", "accepted", ""]
    with pytest.raises(Invalid, match="decided"):
        offering.take(batch=batch, actor=leo, offers=[first.pk])


def test_who_may_not_import_may_not_take(project):
    factories.import_rows(project, factories.rows(1))
    batch = factories.import_rows(project, revised(1))
    anna = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        offering.take(batch=batch, actor=anna)

    assert outcomes() == [("By A, 0.", "")]


def test_more_than_one_portion_is_taken(project, leo, monkeypatch):
    monkeypatch.setattr(offering, "CHUNK", 2)
    factories.import_rows(project, factories.rows(5))
    batch = factories.import_rows(project, revised(5))

    assert offering.take(batch=batch, actor=leo)["accepted"] == 5


def test_the_tallies_agree_with_the_rows(project, leo):
    factories.import_rows(project, factories.rows(3))
    batch = factories.import_rows(project, revised(2))

    offering.take(batch=batch, actor=leo)

    assert recounting.recount(project) == []
