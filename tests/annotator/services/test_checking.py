"""Checks look like work, tell the person what they were, and count nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotator.domain import chance
from annotator.domain.errors import Invalid, NotAllowed, TooLate
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.formats.exports.orders import ExportOrder
from annotator.models import Check, Draft, Lease, Pair, Project, Review
from annotator.selectors import (
    counts,
    lineage,
    mine,
    progress,
    review_desk,
    undoable,
)
from annotator.selectors.reports import parts
from annotator.services import (
    checking,
    commenting,
    exporting,
    giving_back,
    quality,
    queueing,
    reviewing,
    skipping,
    snapshotting,
)
from revision_engine.types import PairText
from tests import factories
from training.models import CoachVersion

pytestmark = pytest.mark.django_db
GOOD = (
    "The tower stands in the city of Pisa. It is 56 meters high. "
    "It leans by 4 degrees to the south."
)


def accepted_rows(count: int) -> list[dict[str, str]]:
    return [
        {
            "Raw Instruction": f"Tell me about tower {number}.",
            "Raw Input": "",
            "Raw Response": "It stands in Pisa. It is 56 meters high.",
            "Revised Instruction": f"Tell me about tower number {number}.",
            "Revised Input": "",
            "Revised Response": f"{GOOD} It is number {number}.",
        }
        for number in range(count)
    ]


@pytest.fixture
def project():
    """Six accepted pairs to plant in, six drafted ones to work on; half are checks."""
    project = factories.make_project(planted_share=0.5)
    factories.make_coach(project)
    factories.import_rows(project, accepted_rows(6))
    factories.import_rows(project, factories.rows(6))
    factories.draft_all(project)
    return project


def always(project, *, planted=1.0, gold=0.0):
    """Every hold is a check, whatever the settings page would allow."""
    Project.objects.filter(pk=project.pk).update(planted_share=planted, gold_share=gold)
    project.refresh_from_db()


def answer(lease, text):
    return reviewing.submit(token=lease.token, person=lease.holder, text=text)


def test_a_check_looks_like_a_pair_with_a_draft_of_the_coach(project, anna):
    always(project)

    lease = factories.claim(project, anna)
    work = review_desk.work(lease)

    check = Check.objects.get(pair=lease.pair)
    assert lease.draft.coach.name == "first coach"
    assert work.fields[2].draft == lease.draft.response != check.source.response
    assert check.after in lease.draft.response
    assert lease.pair.batch.name == check.source.pair.batch.name


def test_an_overlooked_mistake_is_told_once_and_to_its_person(project, anna):
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    always(project)
    lease = factories.claim(project, anna)
    answer(lease, lease.draft.text)

    nothing_for_ben = checking.tell(project, ben)
    told = checking.tell(project, anna)

    assert nothing_for_ben is None
    assert told.outcome == "left"
    assert checking.tell(project, anna) is None


def test_a_mended_mistake_is_found(project, anna):
    always(project)
    lease = factories.claim(project, anna)
    check = Check.objects.get(pair=lease.pair)

    answer(lease, check.source.text)

    check.refresh_from_db()
    assert check.outcome == "mended"
    assert check.is_noticed
    assert check.review.active_seconds >= 0


def test_a_check_cannot_be_undone_once_its_result_is_known(project, anna, settings):
    settings.UNDO_SECONDS = 30
    always(project)
    lease = factories.claim(project, anna)
    answer(lease, lease.draft.text)

    with pytest.raises(TooLate, match="check"):
        factories.take_back(Review.objects.get(lease=lease))
    assert undoable.newest(anna, project) is None


def test_nobody_is_checked_with_a_pair_they_know(project, anna):
    always(project)
    for pair in project.pairs.in_state(PairState.ACCEPTED)[:5]:
        Lease.objects.create(
            pair=pair, stage=Stage.QUALITY, holder=anna,
            expires_at=pair.created_at, ended_at=pair.created_at,
        )  # fmt: skip

    first = factories.claim(project, anna)
    answer(first, first.draft.text)
    second = factories.claim(project, anna)

    assert Check.objects.count() == 1
    assert second.pair.project == project


def test_the_draw_can_be_told_again_from_the_rows(project, anna):
    for _ in range(6):
        lease = factories.claim(project, anna)
        answer(lease, lease.draft.text)

    holds = Lease.objects.filter(holder=anna, stage=Stage.REVIEW).order_by("pk")
    numbers = {check.number for check in Check.objects.all()}

    for number, lease in enumerate(holds, 1):
        drawn = chance.check(
            anna.pk, number, planted_share=0.5, gold_share=0.0,
            seed=f"project-{project.pk}",
        )  # fmt: skip
        assert (drawn is not None) == (number in numbers)
        assert (lease.pair.project_id != project.pk) == (number in numbers)


def test_a_check_counts_nowhere(project, anna):
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    lead = factories.make_member(project, Role.LEAD)
    coach = CoachVersion.objects.get(scope=project.scope)
    batches = list(progress.batches(project).values_list("name", "excluded"))
    before = _figures(project, lead, coach)
    always(project)

    for _ in range(3):
        lease = factories.claim(project, anna)
        answer(lease, lease.draft.text)

    assert Check.objects.count() == 3
    assert _figures(project, lead, coach) == before
    assert list(progress.batches(project).values_list("name", "excluded")) == batches
    assert queueing.claim(project=project, person=rosa, stage=Stage.QUALITY) is None
    assert mine.today(anna, project).reviews == 0
    assert Project.objects.count() == 1


def _figures(project, lead, coach):
    ancestry = lineage.of_coach(coach)
    return (
        counts.of_project(project),
        progress.funnel(project),
        list(parts.reviews(project).values()),
        len(list(snapshotting.accepted_examples(project))),
        exporting.count(project=project, actor=lead, order=ExportOrder()),
        (ancestry.drafts, ancestry.reviews),
        Pair.objects.filter(project=project).count(),
        Review.objects.filter(pair__project=project).count(),
        Draft.objects.filter(pair__project=project).count(),
    )


def test_a_check_that_was_given_back_comes_again(project, anna):
    always(project)
    lease = factories.claim(project, anna)
    giving_back.give_back(token=lease.token, person=anna, stage=Stage.REVIEW)

    again = factories.claim(project, anna)

    assert again.pair_id == lease.pair_id
    assert Check.objects.count() == 1


def test_what_came_back_comes_before_any_check(project, anna):
    always(project, planted=0)
    lease = factories.claim(project, anna)
    review = answer(lease, factories.better(lease.pair.text))
    rosa = factories.make_member(project, Role.REVIEWER)
    held = quality.claim(project=project, person=rosa)
    quality.send_back(token=held.token, person=rosa, reason="style")
    always(project)

    again = factories.claim(project, anna)

    assert again.pair_id == review.pair_id
    assert not Check.objects.exists()


def test_a_check_may_be_skipped_and_does_not_come_again(project, anna):
    always(project)
    lease = factories.claim(project, anna)
    skipping.skip(token=lease.token, person=anna, reason="unclear")

    factories.claim(project, anna)

    assert Check.objects.get(pair=lease.pair).answered_at is None
    assert Check.objects.count() == 2


def test_a_check_can_be_commented_on_like_a_pair(project, anna):
    always(project)
    lease = factories.claim(project, anna)

    assert commenting.comment(pair=lease.pair, author=anna, body="Odd.").body == "Odd."


def test_without_a_coach_or_a_text_it_is_ordinary_work():
    project = factories.make_drafted(1, control_share=1.0)
    anna = factories.make_member(project, Role.ANNOTATOR)
    always(project)

    lease = factories.claim(project, anna)

    assert lease.pair.project == project


def test_checks_that_are_off_cost_no_query(project, anna, django_assert_num_queries):
    always(project, planted=0.0)

    with django_assert_num_queries(0):
        assert checking.due(project, anna) is None
        assert checking.tell(project, anna) is None


def test_a_gold_pair_is_measured_by_its_gold_text(project, anna):
    lead = factories.make_member(project, Role.LEAD)
    gold = project.pairs.in_state(PairState.ACCEPTED).first()
    checking.choose_gold(pair=gold, actor=lead)
    always(project, planted=0.0, gold=1.0)

    lease = factories.claim(project, anna)
    close = PairText(
        instruction="Tell me about tower number 0.", response=f"{GOOD} It is number 1."
    )
    answer(lease, close)

    check = Check.objects.get()
    assert check.kind == "gold"
    assert check.source.pair == gold
    assert lease.pair.instruction == gold.instruction
    assert 0.9 < check.similarity < 1.0
    assert check.similarity_shown < check.similarity


def test_gold_pairs_end_and_come_back(project, anna):
    lead = factories.make_member(project, Role.LEAD)
    pair = project.pairs.in_state(PairState.ACCEPTED).first()
    always(project, planted=0.0, gold=1.0)
    checking.choose_gold(pair=pair, actor=lead)
    checking.end_gold(pair=pair, actor=lead)

    assert factories.claim(project, anna).pair.project == project

    assert checking.choose_gold(pair=pair, actor=lead).ended_at is None


def test_only_leads_choose_gold_and_only_from_accepted_pairs(project, anna):
    lead = factories.make_member(project, Role.LEAD)
    accepted = project.pairs.in_state(PairState.ACCEPTED).first()
    ready = project.pairs.in_state(PairState.READY).first()

    with pytest.raises(NotAllowed):
        checking.choose_gold(pair=accepted, actor=anna)
    with pytest.raises(Invalid):
        checking.choose_gold(pair=ready, actor=lead)


def test_another_draft_of_a_check_is_the_active_coachs(project, anna):
    always(project)
    lease = factories.claim(project, anna)

    coach = checking.coach_for(lease.pair.project)

    assert coach.name == "first coach"
    assert coach.scope == lease.pair.project.scope
    assert replace(coach.ref) == CoachVersion.objects.get(scope=project.scope).ref
