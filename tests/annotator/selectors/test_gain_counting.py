"""The cells hold all time on settled pairs, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from annotator.domain.gain.estimate import Code
from annotator.domain.roles import Role
from annotator.domain.states import Arm
from annotator.models import Draft, Pair, Review
from annotator.selectors.gain import counting, report
from tests import factories
from tests.gain_rows import hold, judge, make_pairs, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project(control_share=0.5)


@pytest.fixture
def ann(project):
    return factories.make_member(project, Role.ANNOTATOR, "ann")


def test_a_cell_has_sums_of_pairs(project, ann):
    work(project, ann, Arm.COACHED, [10.0, 30.0])

    (cell,) = counting.cells(project)

    assert (cell.person, cell.arm, cell.band) == (ann.pk, Arm.COACHED, "short")
    assert (cell.pairs, cell.accepted) == (2, 2)
    assert (cell.seconds, cell.squares, cell.product) == (40, 1000, 40)
    assert (cell.all_seconds, cell.all_squares, cell.all_product) == (60, 2000, 60)


def test_work_that_came_back_is_one_pair_with_all_its_time(project, ann):
    (pair,) = make_pairs(project, Arm.CONTROL, 1)
    judge(hold(pair, ann, 50.0, days_ago=9), accepted=False, seconds=5.0)
    judge(hold(pair, ann, 20.0), seconds=5.0)

    (cell,) = counting.cells(project)

    assert (cell.pairs, cell.accepted, cell.seconds) == (1, 1, 70)
    assert cell.all_seconds == 80
    assert cell.squares == 4900
    begun = timezone.localdate() - timedelta(days=9)
    assert cell.week == begun - timedelta(days=begun.weekday())


def test_pairs_that_were_given_up_cost_their_time(project, ann):
    (pair,) = make_pairs(
        project, Arm.COACHED, 1, state="excluded", exclusion_reason="safety"
    )
    hold(pair, ann, 40.0)

    (cell,) = counting.cells(project)

    assert (cell.pairs, cell.accepted, cell.seconds, cell.product) == (1, 0, 40, 0)


def test_who_gave_a_pair_back_has_the_time_and_not_the_pair(project, ann, ben):
    (pair,) = make_pairs(project, Arm.COACHED, 1)
    hold(pair, ann, 15.0)
    judge(hold(pair, ben, 40.0))

    by_person = {cell.person: cell for cell in counting.cells(project)}

    assert (by_person[ann.pk].accepted, by_person[ann.pk].seconds) == (0, 15)
    assert (by_person[ben.pk].accepted, by_person[ben.pk].seconds) == (1, 40)


@pytest.mark.parametrize("state", ["ready", "in_review", "reviewed", "in_quality"])
def test_what_is_not_settled_waits(project, ann, state):
    (pair,) = make_pairs(project, Arm.COACHED, 1, state=state)
    hold(pair, ann, 40.0)

    waiting = counting.waiting(project)[Arm.COACHED]

    assert counting.cells(project) == []
    assert waiting.open + waiting.reviewed == 1
    assert waiting.reviewed == (state in ("reviewed", "in_quality"))


def test_reviews_that_were_taken_back_or_imported_are_not_accepted_pairs(project, ann):
    (pair,) = make_pairs(project, Arm.COACHED, 1)
    judge(hold(pair, ann, 40.0))
    Review.objects.update(withdrawn_at=timezone.now())

    (cell,) = counting.cells(project)

    assert cell.accepted == 0


def test_other_projects_are_not_counted(project, ann):
    work(factories.make_project(slug="other"), ann, Arm.COACHED, [10.0])

    assert counting.cells(project) == []


def test_filters_narrow(project, ann, ben):
    coach = factories.make_coach(project)
    work(project, ann, Arm.COACHED, [1.0], category="x", draft_coach=coach.pk)
    work(project, ann, Arm.COACHED, [2.0], draft_coach=coach.pk + 1)
    work(project, ben, Arm.CONTROL, [4.0])
    (old,) = make_pairs(project, Arm.CONTROL, 1)
    hold(old, ben, 8.0, days_ago=30)
    batch = old.batch_id
    week_ago = timezone.localdate() - timedelta(days=7)

    def seconds(**asked):
        found = counting.cells(project, counting.CellFilter(**asked))
        return sum(cell.seconds for cell in found)

    assert seconds() == 15
    assert seconds(person="ann") == 3
    assert seconds(category="x") == 1
    assert seconds(category="") == 14
    assert seconds(coach=coach.pk) == 13
    assert seconds(batch=batch) == 15
    assert seconds(batch=batch + 1) == 0
    assert seconds(since=week_ago) == 7
    assert seconds(until=week_ago) == 8
    assert seconds(since=date(2000, 1, 1), person="nobody") == 0


def test_the_report_has_the_figure_its_parts_and_the_costs(project, ann, ben):
    coach = factories.make_coach(project)
    for person in (ann, ben):
        work(project, person, Arm.CONTROL, [100.0, 140.0] * 20)
        pairs = work(
            project, person, Arm.COACHED, [80.0, 120.0] * 20, draft_coach=coach.pk
        )
    for pair in pairs:
        Draft.objects.create(
            pair=pair, coach=coach, instruction="a", response="b", seconds=2.0
        )

    found = report.report(project, counting.CellFilter(), machine_hour=10.0)

    assert found.gain.ratio.value == pytest.approx(1.2)
    assert found.gain.code == Code.MORE
    assert found.with_quality.ratio.value == pytest.approx(130 / 110)
    assert found.machine_seconds == pytest.approx(2.0)
    assert found.with_machine.ratio.value == pytest.approx(1.0)
    assert [group.label for group in found.groups["person"]] == ["ann", "ben"]
    assert all(group.gain.ratio for group in found.groups["person"])
    assert found.groups["coach"][0].gain.ratio.value == pytest.approx(1.2)
    assert found.costs.drafts == 40


def test_the_cells_take_one_query(project, ann, django_assert_num_queries):
    work(project, ann, Arm.COACHED, [10.0])

    with django_assert_num_queries(1):
        counting.cells(project)

    assert Pair.objects.count() == 1
