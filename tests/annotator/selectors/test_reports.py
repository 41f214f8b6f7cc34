"""A weekly report counts what was done in the week, by the server's clock."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotator.domain.weeks import Week
from annotator.models import Review
from annotator.selectors.reports import csv_rows, weekly
from tests import factories, weeks
from tests.weeks import WEEK, at

pytestmark = pytest.mark.django_db


def steps(report) -> dict[str, tuple[int, int, int]]:
    return {each.name: (each.week, each.before, each.total) for each in report.steps}


def test_steps_are_of_the_week_the_one_before_and_in_total():
    project, *_ = weeks.worked()

    found = steps(weekly.report(project, WEEK))

    assert found["imported"] == (12, 0, 12)
    assert found["drafted"] == (12, 0, 12)
    assert found["reviewed"] == (3, 2, 5)
    assert found["accepted"] == (1, 1, 2)
    assert found["returned"] == (1, 0, 1)
    assert found["excluded"] == (0, 0, 0)


def test_later_work_is_in_no_total_of_an_earlier_week():
    project, *_ = weeks.worked()

    found = steps(weekly.report(project, WEEK.before))

    assert found["reviewed"] == (2, 0, 2)
    assert found["imported"] == (0, 0, 0)


def test_what_people_did_with_drafts_and_how_long_it_took():
    project, *_ = weeks.worked()

    work = weekly.report(project, WEEK).work

    assert (work.with_draft, work.as_drafted, work.edited) == (3, 2, 1)
    assert (work.people, work.days, work.timed) == (1, 2, 3)
    assert (work.median_seconds, work.mean_seconds) == (weeks.SECONDS, weeks.SECONDS)
    assert work.active_hours == pytest.approx(3 * weeks.SECONDS / 3600)


def test_reviews_without_clocked_time_are_in_no_median():
    project, *_ = weeks.worked()
    Review.objects.filter(submitted_at=at(2)).update(active_seconds=0)

    work = weekly.report(project, WEEK).work

    assert (work.reviews, work.timed, work.median_seconds) == (3, 2, weeks.SECONDS)


def test_days_people_reasons_and_coaches():
    project, *_ = weeks.worked()

    report = weekly.report(project, WEEK)

    assert [day.reviewed for day in report.days] == [2, 0, 1, 0, 0, 0, 0]
    assert [day.accepted for day in report.days] == [0, 1, 0, 0, 0, 0, 0]
    (person,) = report.people
    assert (person.username, person.reviews, person.judged) == ("ann", 3, 2)
    assert person.returned == 1
    assert [(each.reason, each.week) for each in report.reasons] == [("style", 1)]
    (coach,) = report.coaches
    assert (coach.name, coach.reviews, coach.as_drafted) == ("first coach", 3, 2)


def test_the_trend_ends_with_the_week_and_knows_empty_weeks():
    project, *_ = weeks.worked()

    trend = weekly.report(project, WEEK).trend

    assert len(trend) == weekly.TREND
    assert [each.reviewed for each in trend[-3:]] == [0, 2, 3]
    assert trend[-1].week == WEEK
    assert trend[-1].as_drafted_share == pytest.approx(2 / 3)
    assert trend[0].as_drafted_share is None


def test_imported_and_withdrawn_reviews_are_nobodys_work():
    project, *_ = weeks.worked()
    Review.objects.filter(submitted_at=at(2)).update(withdrawn_at=timezone.now())
    factories.import_rows(project, factories.rows(30, revised=True)[20:])
    Review.objects.filter(is_imported=True).update(submitted_at=at(3))

    report = weekly.report(project, WEEK)

    assert report.work.reviews == 2
    assert steps(report)["reviewed"] == (2, 2, 4)


def test_midnight_is_the_servers(settings):
    project, ann, _ = weeks.prepare()
    late = WEEK.end(timezone.get_default_timezone())
    weeks.review(project, ann, late - timezone.timedelta(hours=1))

    assert weekly.report(project, WEEK).work.reviews == 1
    settings.TIME_ZONE = "Asia/Shanghai"
    assert weekly.report(project, WEEK).work.reviews == 0
    assert weekly.report(project, WEEK.after).work.reviews == 1
    assert weekly.report(project, WEEK).zone == "Asia/Shanghai"


def test_the_current_week_is_so_far_and_knows_the_queue():
    project, *_ = weeks.prepare()

    report = weekly.report(project, weekly.this_week())

    assert report.is_current
    assert report.now.ready == 12
    assert "no_work" in {seen.sign for seen in report.looks}
    assert weekly.report(project, WEEK).now is None


def test_a_week_that_has_not_begun_has_no_report():
    project, *_ = weeks.prepare()

    with pytest.raises(ValueError, match="not begun"):
        weekly.report(project, weekly.this_week().after)


def test_weeks_with_work_are_listed_newest_first():
    project, *_ = weeks.worked()

    found = weekly.weeks(project)

    assert [str(each.week) for each in found.weeks] == ["2026-W40", "2026-W39"]
    assert found.earlier is None
    older = weekly.weeks(project, Week(2026, 39))
    assert [each.reviewed for each in older.weeks] == [2]


def test_other_projects_are_not_counted():
    project, *_ = weeks.worked()
    other = factories.make_project(slug="other")

    report = weekly.report(other, WEEK)

    assert (report.work.reviews, report.quality.judged) == (0, 0)
    assert weekly.weeks(other).weeks == []
    assert weekly.report(project, WEEK).work.reviews == 3


@pytest.mark.parametrize(("of", "count"), [("reviews", 3), ("verdicts", 2)])
def test_the_rows_are_those_that_are_counted(of, count):
    project, *_ = weeks.worked()

    heads, rows = csv_rows.rows(project, WEEK, of)

    found = list(rows)
    assert len(found) == count
    assert {len(row) for row in found} == {len(heads)}


def test_a_report_takes_few_queries(django_assert_max_num_queries):
    project, *_ = weeks.worked()

    with django_assert_max_num_queries(36):
        weekly.report(project, WEEK)
