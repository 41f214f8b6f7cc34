"""The tables of the coach's generations."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator import policies
from annotator.domain.roles import Deed
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.drift import Drift, Generation
from annotator.selectors.reports.parts import CoachWeek
from annotator.web import moments
from annotator.web.coaches.drift_words import GuardLine, Panel
from annotator.web.http import Request
from annotator.web.numbers import rounded
from annotator.web.punctuation import semicolon
from annotator.web.tables import count, interval
from training.models import CoachVersion


def numbers(measured: Sequence[Generation], panels: Sequence[Panel]) -> Table:
    """Each figure of each generation on the fixed set."""
    heads = [Head(f"{each.number}. {each.coach.name}") for each in measured]
    return Table(
        caption=_("Each figure of each generation on the fixed set"),
        heads=[Head(_("Figure"), is_text=True), *heads],
        rows=[_panel(panel, measured) for panel in panels],
    )


def _panel(panel: Panel, measured: Sequence[Generation]) -> list[Cell]:
    marks = {mark.number: mark for mark in panel.marks}
    cells = [Cell(panel.label, below=panel.unit)]
    for each in measured:
        mark = marks.get(each.number)
        cells.append(Cell(mark.value, below=mark.interval) if mark else Cell(None))
    return cells


def lines(found: Sequence[GuardLine], active: CoachVersion | None) -> Table:
    """Guards of a generation beside others, on the same pairs."""
    return Table(
        caption=_(
            "Coach less other, on the same pairs. In brackets: 95 % bootstrap interval "
            "over pairs."
        ),
        is_captioned=True,
        heads=[
            Head(_("Figure"), is_text=True),
            Head(_("Held against"), is_text=True),
            Head(_("Pairs")),
            Head(_("Other")),
            Head(_("Coach")),
            Head(_("Difference")),
            Head(_("Tolerated")),
            Head("p", _("worse, after Holm")),
            Head(_("Alarm"), is_text=True, is_unseen=True),
        ],
        rows=[_line(line, active) for line in found],
    )


def _line(line: GuardLine, active: CoachVersion | None) -> list[Cell]:
    is_other = active is None or line.coach != active.name
    against = f"{line.against}{semicolon()}{line.coach}" if is_other else line.against
    return [
        Cell(line.label, below=line.unit),
        Cell(line.other, below=against),
        count(line.pairs),
        Cell(line.other_value),
        Cell(line.value),
        interval(line.difference),
        Cell(line.tolerance),
        Cell(line.adjusted_p),
        Cell(_("worse"), state="failed") if line.alarms else Cell(""),
    ]


def generations(request: Request, project: Project, found: Drift) -> Table:
    """Coaches that have drafted, in the order of their first promotion."""
    may_promote = policies.can(request.user, project, Deed.PROMOTE)
    may_open = policies.can(request.user, project, Deed.SEE_SETUP)
    choose = [Head(_("Reference"), is_unseen=True)] if may_promote else []
    return Table(
        caption=_("Coaches that have drafted for the project"),
        heads=[
            Head(_("No.")),
            Head(_("Coach"), is_text=True),
            Head(_("First promoted"), is_text=True),
            Head(_("What it is"), is_text=True),
            *choose,
        ],
        rows=[
            [
                *_generation(project, each, found, may_open=may_open),
                *([_reference(request, project, each)] if may_promote else []),
            ]
            for each in found.generations
        ],
        named_by=1,
    )


def _generation(
    project: Project, each: Generation, found: Drift, *, may_open: bool
) -> list[Cell]:
    coach = each.coach
    page = reverse("coach", args=[project.slug, coach.pk]) if may_open else ""
    context = {"each": each, "is_checked": found.check is not None}
    return [
        count(each.number),
        Cell(coach.name, href=page),
        Cell(moments.at(each.promotion.at), look="nowrap"),
        Cell("", markup=render_to_string("coaches/_generation.html", context)),
    ]


def _reference(request: Request, project: Project, each: Generation) -> Cell:
    if each.is_reference or not each.is_measured:
        return Cell("")
    context = {"project": project, "coach": each.coach}
    form = render_to_string("coaches/_reference.html", context, request)
    return Cell("", markup=form)


def live(project: Project, found: Sequence[CoachWeek]) -> Table:
    """People's reviews by the coach whose draft they went on from."""
    pairs = reverse("pairs", args=[project.slug])
    return Table(
        caption=_("People's reviews, by the coach whose draft they went on from"),
        heads=[
            Head(_("Coach"), is_text=True),
            Head(_("Reviews")),
            Head(_("Usable"), _("drafts")),
            Head(_("Accepted as drafted"), _("reviews")),
            Head(_("Draft → final"), _("characters, mean")),
            Head(_("Active time a pair"), _("s, median")),
        ],
        rows=[
            [
                Cell(each.name, href=f"{pairs}?coach={each.coach}"),
                count(each.reviews),
                count(each.usable),
                Cell(str(each.as_drafted), note=_share(each)),
                Cell(rounded(each.mean_edit_distance)),
                Cell(rounded(each.median_seconds)),
            ]
            for each in found
        ],
    )


def _share(each: CoachWeek) -> str:
    share = each.as_drafted_percent
    return "" if share is None else f"{rounded(share)} %"
