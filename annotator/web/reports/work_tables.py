"""The parts of a weekly report that are about people's work."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project, Verdict
from annotator.selectors.reports.parts import WeekWork
from annotator.selectors.reports.weekly import WeekReport
from annotator.web.numbers import change, number, percent
from annotator.web.reports.links import pairs_url

DECISIONS = (
    ("as_drafted", gettext_lazy("accepted as drafted")),
    ("edited", gettext_lazy("edited")),
    ("rewritten", gettext_lazy("mostly rewritten")),
    ("kept_raw", gettext_lazy("kept the raw pair")),
)


def _this_and_before(first: str) -> tuple[Head, ...]:
    return (
        Head(first, is_text=True, wide=2),
        Head(_("This week")),
        Head(_("Week before")),
        Head(pgettext("since the week before", "Change")),
    )


def drafts(report: WeekReport) -> Table:
    work, before = report.work, report.work_before
    return Table(
        caption=_("Reviews with a usable draft, by what people did with it"),
        is_captioned=True,
        heads=(
            Head(_("Decision"), is_text=True, wide=2),
            Head(_("This week"), _("reviews")),
            Head(
                _("Share"),
                # xgettext:no-python-format
                _("% of drafts"),
            ),
            Head(_("Week before"), _("reviews")),
            Head(
                _("Share"),
                # xgettext:no-python-format
                _("% of drafts"),
            ),
        ),
        rows=(
            *(_decided(str(label), name, work, before) for name, label in DECISIONS),
            (
                Cell(_("with a usable draft")),
                Cell(number(work.with_draft)),
                Cell(""),
                Cell(number(before.with_draft)),
                Cell(""),
            ),
            (
                Cell(_("without one"), note=_("control arm, or unusable")),
                Cell(number(work.without_draft)),
                Cell(""),
                Cell(number(before.without_draft)),
                Cell(""),
            ),
        ),
    )


def _decided(
    label: str, name: str, work: WeekWork, before: WeekWork
) -> tuple[Cell, ...]:
    cells = [Cell(label)]
    for each in (work, before):
        count = getattr(each, name)
        cells += [Cell(number(count)), Cell(percent(count, each.with_draft))]
    return tuple(cells)


def time_note(project: Project) -> str:
    return _(
        "Active time: gaps of more than %(idle)d seconds without activity are left "
        "out; so are pairs that were opened and not submitted."
    ) % {"idle": project.idle_seconds}


def time(report: WeekReport) -> Table:
    work, before = report.work, report.work_before
    quality, earlier = report.quality, report.quality_before
    lines = (
        (
            _("a review, median"),
            _("seconds"),
            work.median_seconds,
            before.median_seconds,
        ),
        (_("a review, mean"), _("seconds"), work.mean_seconds, before.mean_seconds),
        (_("reviewing, in all"), _("hours"), work.active_hours, before.active_hours),
        (
            _("quality control, in all"),
            _("hours"),
            quality.active_hours,
            earlier.active_hours,
        ),
    )
    return Table(
        caption=_("Active time"),
        is_captioned=True,
        heads=_this_and_before(_("Active time")),
        rows=tuple(
            (
                Cell(label, note=unit),
                Cell(number(now, 1)),
                Cell(number(then, 1)),
                Cell("–" if now is None or then is None else change(now, then, 1)),
            )
            for label, unit, now, then in lines
        ),
    )


def quality(report: WeekReport) -> Iterator[Table]:
    now, before = report.quality, report.quality_before
    yield Table(
        caption=_("Quality control"),
        heads=_this_and_before(_("Figure")),
        rows=(
            *(
                (
                    Cell(label, note=unit),
                    Cell(number(value)),
                    Cell(number(then)),
                    Cell(change(value, then)),
                )
                for label, unit, value, then in (
                    (_("judged"), _("reviews"), now.judged, before.judged),
                    (_("accepted"), _("reviews"), now.accepted, before.accepted),
                    (_("sent back"), _("reviews"), now.returned, before.returned),
                    (_("people who judged"), _("people"), now.people, before.people),
                    (
                        _("judged by their own author"),
                        _("reviews"),
                        now.own,
                        before.own,
                    ),
                )
                if label != _("judged by their own author") or now.own or before.own
            ),
            (
                Cell(
                    _("sent back"),
                    # xgettext:no-python-format
                    note=_("% of the judged"),
                ),
                Cell(percent(now.returned, now.judged)),
                Cell(percent(before.returned, before.judged)),
                Cell(""),
            ),
        ),
    )
    yield Table(
        caption=_("Why reviews were sent back"),
        is_captioned=True,
        heads=_this_and_before(_("Reason")),
        rows=tuple(
            (
                Cell(_reason(each.reason)),
                Cell(number(each.week)),
                Cell(number(each.before)),
                Cell(change(each.week, each.before)),
            )
            for each in report.reasons
        ),
        empty=_("Nothing was sent back in these two weeks."),
    )


def _reason(reason: str) -> str:
    known: dict[str, object] = dict(Verdict.Reason.choices)
    return str(known.get(reason, reason))


def people(project: Project, report: WeekReport) -> Table:
    return Table(
        caption=_("People"),
        heads=(
            Head(_("Person"), is_text=True, wide=2),
            Head(_("Submitted"), _("reviews")),
            Head(_("Active time"), _("hours")),
            Head(_("A review"), _("s, median")),
            Head(
                _("As drafted"),
                # xgettext:no-python-format
                _("% of drafts"),
            ),
            Head(_("Judged"), _("reviews")),
            Head(_("Sent back"), _("reviews")),
        ),
        rows=tuple(
            (
                Cell(each.username, href=pairs_url(project, person=each.username)),
                Cell(number(each.reviews)),
                Cell(number(each.active_hours, 1)),
                Cell(number(each.median_seconds)),
                Cell(percent(each.as_drafted, each.with_draft)),
                Cell(number(each.judged)),
                Cell(number(each.returned)),
            )
            for each in report.people
        ),
        empty=_("Nobody submitted a review."),
    )
