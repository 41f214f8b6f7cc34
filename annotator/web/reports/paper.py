"""A weekly report in people's words: the page and the PDF are both made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from annotator.domain.states import PairState
from annotator.domain.steps import Step
from annotator.formats.paper import (
    Bars,
    Block,
    Paper,
    Section,
    Tile,
    Tiles,
    Words,
)
from annotator.formats.tables import Cell, Head, Series, Table
from annotator.models import Project
from annotator.selectors.reports.weekly import WeekReport
from annotator.web import moments
from annotator.web.numbers import change, number, percent
from annotator.web.reports import hints, work_tables
from annotator.web.reports.coaches import coaching
from annotator.web.reports.links import pairs_url, rows_url

STEPS = {
    Step.IMPORTED: (gettext_lazy("imported"), gettext_lazy("pairs")),
    Step.EXCLUDED: (gettext_lazy("excluded"), gettext_lazy("pairs")),
    Step.DRAFTED: (gettext_lazy("drafted by the coach"), gettext_lazy("pairs")),
    Step.REVIEWED: (gettext_lazy("submitted by people"), gettext_lazy("reviews")),
    Step.RETURNED: (gettext_lazy("sent back"), gettext_lazy("reviews")),
    Step.ACCEPTED: (gettext_lazy("accepted"), gettext_lazy("reviews")),
    Step.EXPORTED: (gettext_lazy("exported"), gettext_lazy("pairs")),
}


def paper(project: Project, report: WeekReport, *, opens_coaches: bool) -> Paper:
    """The whole report; `opens_coaches`: with links to coaches and runs."""
    made = moments.at(report.made_at)
    return Paper(
        title=_("Week %(number)d of %(year)d")
        % {"number": report.week.number, "year": report.week.year},
        of=project.name,
        lead=_lead(report),
        made=_("Made %(when)s %(zone)s from the rows of that moment")
        % {"when": made, "zone": timezone.get_current_timezone_name()},
        page=_("Page {n} of {all}"),
        sections=(
            *_sections(project, report),
            coaching(project, report, opens_coaches=opens_coaches),
        ),
        notes=tuple(_notes(project, report)),
        replaced=_(
            "This font lacks {n} of the characters in people's texts: each stands "
            "as “?”."
        ),
    )


def _lead(report: WeekReport) -> str:
    first, last = report.week.days[0], report.week.days[-1]
    days = _("Monday %(first)s to Sunday %(last)s, days of the time zone %(zone)s") % {
        "first": moments.day(first),
        "last": moments.day(last),
        "zone": report.zone,
    }
    return (
        _("%(days)s. So far: the week is not over.") % {"days": days}
        if report.is_current
        else f"{days}."
    )


def _sections(project: Project, report: WeekReport) -> Iterator[Section]:
    yield Section("looks", _("What to look at"), (_looks(project, report),))
    yield Section("short", _("In short"), (_tiles(project, report),))
    yield Section("steps", _("The way of the pairs"), tuple(_steps(project, report)))
    yield Section(
        "drafts", _("What became of the drafts"), (work_tables.drafts(report),)
    )
    yield Section(
        "time", _("Time"), (work_tables.time(report),), work_tables.time_note(project)
    )
    yield Section("quality", _("Quality control"), tuple(work_tables.quality(report)))
    yield Section(
        "people",
        _("People"),
        (work_tables.people(project, report),),
        _("Pairs differ in difficulty: not a ranking."),
    )


def _looks(project: Project, report: WeekReport) -> Block:
    found = tuple(hints.sentence(project, each) for each in report.looks)
    nothing = Cell(_("Nothing in this week's figures stands out by the rules."))
    return Words(found or (nothing,))


def _against(now: float, before: float, digits: int = 0) -> str:
    return _("%(change)s on the week before") % {"change": change(now, before, digits)}


def _tiles(project: Project, report: WeekReport) -> Tiles:
    work, before = report.work, report.work_before
    quality = report.quality
    reviews, verdicts = (
        rows_url(project, report, "reviews"),
        rows_url(project, report, "verdicts"),
    )
    headline = report.headline
    gain = _("not enough data yet")
    if headline.percent is not None:
        gain = f"{headline.percent:+d} %"
    return Tiles(
        (
            Tile(
                _("Submitted"),
                number(work.reviews),
                _("reviews"),
                _against(work.reviews, before.reviews),
                reviews,
            ),
            Tile(
                _("Accepted by quality control"),
                number(quality.accepted),
                _("reviews"),
                _against(quality.accepted, report.quality_before.accepted),
                verdicts,
            ),
            Tile(
                _("People at work"),
                number(work.people),
                ngettext("person", "people", work.people),
                _against(work.people, before.people),
                reviews,
            ),
            Tile(
                _("Active time"),
                number(work.active_hours, 1),
                _("hours"),
                _against(work.active_hours, before.active_hours, 1),
                reviews,
            ),
            Tile(
                _("Accepted as drafted"),
                percent(work.as_drafted, work.with_draft),
                "",
                _("of %(n)d reviews with a usable draft") % {"n": work.with_draft},
                reviews,
            ),
            Tile(
                _("Pairs an hour, with the coach"),
                gain,
                "",
                _gain_note(report),
                reverse("gain", args=[project.slug]),
            ),
        )
    )


def _gain_note(report: WeekReport) -> str:
    headline = report.headline
    if headline.percent is None:
        return _("%(coached)d with, %(control)d without; %(needed)d of each") % {
            "coached": headline.coached,
            "control": headline.control,
            "needed": headline.needed,
        }
    return _("95 %% interval %(low)+d to %(high)+d %%, whole project") % {
        "low": headline.low,
        "high": headline.high,
    }


def _steps(project: Project, report: WeekReport) -> Iterator[Block]:
    links = {
        Step.IMPORTED: reverse("batches", args=[project.slug]),
        Step.EXCLUDED: rows_url(project, report, "events"),
        Step.DRAFTED: rows_url(project, report, "events"),
        Step.REVIEWED: rows_url(project, report, "reviews"),
        Step.RETURNED: rows_url(project, report, "verdicts"),
        Step.ACCEPTED: rows_url(project, report, "verdicts"),
        Step.EXPORTED: rows_url(project, report, "events"),
    }
    totals = {
        Step.ACCEPTED: pairs_url(project, state=PairState.ACCEPTED),
        Step.EXCLUDED: pairs_url(project, state=PairState.EXCLUDED),
        Step.EXPORTED: reverse("export", args=[project.slug]),
    }
    yield Table(
        caption=_("Steps of the pairs"),
        is_captioned=True,
        heads=(
            Head(_("Step"), is_text=True, wide=3),
            Head(_("This week")),
            Head(_("Week before")),
            Head(pgettext("since the week before", "Change")),
            Head(_("In total"), _("to the week's end")),
        ),
        rows=tuple(
            (
                Cell(str(STEPS[step.name][0]), note=str(STEPS[step.name][1])),
                Cell(number(step.week), href=links[step.name]),
                Cell(number(step.before)),
                Cell(change(step.week, step.before)),
                Cell(number(step.total), href=totals.get(step.name, "")),
            )
            for step in report.steps
        ),
    )
    series = (
        (_("submitted"), 0, "reviewed"),
        (_("accepted"), 1, "accepted"),
        (_("sent back"), 2, "returned"),
    )
    days = [moments.day_of_year(each.day) for each in report.days]
    yield _bars(_("Reviews a day"), days, series, report.days)
    yield _numbers(_("Reviews a day"), _("Day"), days, series, report.days)
    weeks = [f"W{each.week.number}" for each in report.trend]
    yield _bars(_("Reviews a week"), weeks, series, report.trend)
    names = [str(each.week) for each in report.trend]
    yield _numbers(_("Reviews a week"), _("Week"), names, series, report.trend)


Kinds = Sequence[tuple[str, int, str]]
"""Of bars: name, hue, and the field they are read from."""


def _bars(
    caption: str, labels: Sequence[str], series: Kinds, rows: Sequence[object]
) -> Bars:
    return Bars(
        caption=caption,
        labels=tuple(labels),
        series=tuple(
            Series(name, [getattr(row, field) for row in rows], hue, "bars")
            for name, hue, field in series
        ),
    )


def _numbers(
    caption: str,
    first: str,
    labels: Sequence[str],
    series: Kinds,
    rows: Sequence[object],
) -> Table:
    """The numbers behind bars."""
    return Table(
        caption=caption,
        is_captioned=True,
        is_folded=True,
        heads=(
            Head(first, is_text=True),
            *(Head(name, _("reviews")) for name, _hue, _field in series),
        ),
        rows=tuple(
            (
                Cell(label),
                *(Cell(number(getattr(row, field))) for *_rest, field in series),
            )
            for label, row in zip(labels, rows, strict=True)
        ),
    )


def _notes(project: Project, report: WeekReport) -> Iterator[str]:
    last = report.week.monday + timedelta(days=6)
    yield _(
        "A week is an ISO week, from Monday 00:00 to Sunday 24:00 (%(last)s) in the "
        "time zone %(zone)s. A verdict counts in the week in which it was given."
    ) % {"last": moments.day(last), "zone": report.zone}
    yield _(
        "Imported revisions and submits that were taken back count in no figure about "
        "people's work. “Drafted” and “excluded” count each pair once a week."
    )
