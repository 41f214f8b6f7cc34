"""Figures over time, each chart with the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotator.domain.periods import Period, monday
from annotator.domain.steps import Step
from annotator.formats.tables import Cell, Head, Series
from annotator.selectors import dashboard
from annotator.web import moments
from annotator.web.stats.board import SHARES, Board, percent, short
from annotator.web.tables import Plot

DAYS_SHOWN = 120
"""Days up to which a chart has a bar a day; longer stretches have one a week."""


def throughput(board: Board) -> Plot:
    """Reviews and accepted pairs, a day or a week."""
    reviews = {day.day: day.reviews for day in board.found.review_days}
    if board.found.steps is None:
        accepted = {day.day: day.passed for day in board.found.review_days}
        second = _("of these, accepted since")
    else:
        accepted = {day.day: day.steps[Step.ACCEPTED] for day in board.found.pair_days}
        second = _("pairs accepted")
    period = _stretch(board, [*reviews, *(day for day in accepted if accepted[day])])
    size, begins = _grain(period)
    one, two = _gathered(reviews, size, begins), _gathered(accepted, size, begins)
    unit = _("a day") if size == 1 else _("a week")
    first = pgettext("in a chart", "reviews")
    rows = [
        [
            Cell(begin.isoformat(), printed=moments.day(begin)),
            Cell(one[begin], **board.link(**board.days(begin, size))),
            Cell(
                two[begin], **board.link(step=Step.ACCEPTED, **board.days(begin, size))
            )
            if board.found.steps is not None
            else Cell(
                two[begin], **board.link(verdict="accepted", **board.days(begin, size))
            ),
        ]
        for begin in begins
    ]
    return Plot(
        key="throughput",
        title=_("Throughput"),
        unit=unit,
        x=[_seconds(begin) for begin in begins],
        series=[
            Series(first, [one[b] for b in begins], hue=0, look="bars"),
            Series(second, [two[b] for b in begins], hue=1),
        ],
        table=board.table(
            key="throughput",
            caption=_("Throughput"),
            heads=[
                Head(_("Day") if size == 1 else _("Week from")),
                Head(_("Reviews"), unit),
                Head(second.capitalize(), unit),
            ],
            rows=rows[::-1],
        ),
    )


def _stretch(board: Board, days: Sequence[date]) -> Period:
    """From the first day of the period that has anything, to the last."""
    period = board.filters.period
    if not days:
        return Period(period.start, period.end)
    return Period(period.start or min(days), period.end or max(days))


def _grain(period: Period) -> tuple[int, list[date]]:
    """Days a bar, and the begins of the bars."""
    days = list(period.days())
    if len(days) <= DAYS_SHOWN:
        return 1, days
    return 7, list(dict.fromkeys(map(monday, days)))


def _gathered(
    counts: dict[date, int], size: int, begins: Sequence[date]
) -> dict[date, int]:
    found = dict.fromkeys(begins, 0)
    for day, count in counts.items():
        begin = day if size == 1 else monday(day)
        if begin in found:
            found[begin] += count
    return found


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def acceptance_over_time(board: Board) -> Plot:
    """What became of the drafts, week by week: shares of reviews with one."""
    weeks = dashboard.by_week(board.found.review_days)
    values = {
        name: [percent(getattr(week, name), week.usable) for week in weeks.values()]
        for name, *_rest in SHARES
    }
    rows = [
        [
            Cell(begin.isoformat(), printed=moments.day(begin)),
            Cell(week.usable, **board.link(**board.days(begin, 7))),
            *(
                Cell(
                    percent(getattr(week, name), week.usable),
                    **board.link(decision=decision, **board.days(begin, 7)),
                )
                for name, decision, *_rest in SHARES
            ),
        ]
        for begin, week in weeks.items()
    ]
    return Plot(
        key="acceptance-weeks",
        title=_("Acceptance, week by week"),
        unit=_("of usable drafts, %"),
        x=[_seconds(begin) for begin in weeks],
        series=[
            Series(short(decision), values[name], hue, look)
            for name, decision, hue, look in SHARES
        ],
        table=board.table(
            key="acceptance-weeks",
            caption=_("Acceptance, week by week"),
            heads=[
                Head(_("Week from")),
                Head(_("Usable drafts"), _("reviews")),
                *(Head(short(d).capitalize(), "%") for _name, d, *_rest in SHARES),
            ],
            rows=rows[::-1],
        ),
    )


def time_over_time(board: Board) -> Plot:
    """Active time a review, week by week."""
    weeks = dashboard.by_week(board.found.review_days)
    means = [dashboard.share(week.ms / 1000, week.reviews) for week in weeks.values()]
    rows = [
        [
            Cell(begin.isoformat(), printed=moments.day(begin)),
            Cell(week.reviews, **board.link(**board.days(begin, 7))),
            Cell(mean),
            Cell(week.ms / 3_600_000, 1),
        ]
        for (begin, week), mean in zip(weeks.items(), means, strict=True)
    ]
    return Plot(
        key="time-weeks",
        title=_("Time a pair, week by week"),
        unit=_("s active, mean"),
        x=[_seconds(begin) for begin in weeks],
        series=[Series(_("active time a review"), means, hue=0)],
        table=board.table(
            key="time-weeks",
            caption=_("Time a pair, week by week"),
            heads=[
                Head(_("Week from")),
                Head(_("Reviews"), "n"),
                Head(_("Active time a review"), _("s, mean")),
                Head(_("Active time"), _("h")),
            ],
            rows=rows[::-1],
        ),
    )
