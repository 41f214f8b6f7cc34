"""The tables of coaches, their runs and their promotions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.lineage import Ancestry
from annotator.web import gate_words, moments
from annotator.web.http import Request
from annotator.web.tables import count
from training.models import CoachVersion, Promotion, TrainingRun


def runs(project: Project, found: Iterable[TrainingRun]) -> Table:
    """Runs, newest first."""
    return Table(
        caption=_("Training runs, newest first"),
        heads=[
            Head(_("Run"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Steps")),
            Head(_("Reviews")),
            Head(_("Started"), is_text=True),
            Head(_("Coach"), is_text=True),
        ],
        rows=[_run(project, run) for run in found],
    )


def _run(project: Project, run: TrainingRun) -> list[Cell]:
    by = str(run.created_by or _("by schedule"))
    return [
        Cell(
            _("Run %(pk)s") % {"pk": run.pk},
            href=reverse("run", args=[project.slug, run.pk]),
        ),
        Cell(run.get_state_display(), state=run.state),
        Cell(str(run.step), note=f"/ {run.steps}" if run.steps else ""),
        count(run.snapshot.offered),
        Cell(moments.at(run.created_at), below=by, look="nowrap"),
        _made(project, run),
    ]


def _made(project: Project, run: TrainingRun) -> Cell:
    coach: CoachVersion | None = getattr(run, "coach", None)
    if coach is None:
        return Cell(None, is_faint=True)
    return Cell(coach.name, href=reverse("coach", args=[project.slug, coach.pk]))


def registry(
    request: Request,
    project: Project,
    found: Sequence[Mapping[str, Any]],
    *,
    active: CoachVersion | None,
    may_promote: bool,
) -> Table:
    """All coaches with what was measured, and a button where they may be promoted."""
    shared = {"project": project, "active": active, "may_promote": may_promote}
    return Table(
        caption=_("Coaches, newest first, with what was measured"),
        heads=[
            Head(_("Coach"), is_text=True),
            Head(_("Measured"), is_text=True),
            Head(_("Gate"), is_text=True),
            Head(_("Promote"), is_unseen=True),
        ],
        rows=[_registered(request, {**shared, "each": each}) for each in found],
        empty=_("None yet."),
    )


def _registered(request: Request, context: dict[str, Any]) -> list[Cell]:
    each = context["each"]

    def drawn(part: str) -> str:
        return render_to_string(f"coaches/_registry.html#{part}", context, request)

    return [
        Cell(each["coach"].name, markup=drawn("name")),
        Cell("", markup=drawn("measured")),
        Cell(str(each["outcome"] or "–")),
        Cell("", markup=drawn("promote")),
    ]


def promotions(found: Iterable[Promotion]) -> Table:
    """Who made which coach active, newest first."""
    return Table(
        caption=_("Who made which coach active, newest first"),
        heads=_heads(_("When"), _("From"), _("To"), _("Who"), _("Why")),
        rows=[
            [_when(each), _before(each), Cell(each.coach.name), *_who_and_why(each)]
            for each in found
        ],
        named_by=None,
        empty=_("Nothing promoted yet."),
    )


def own_promotions(ancestry: Ancestry) -> Table:
    """When one coach drafted."""
    return Table(
        caption=_("Its promotions, newest first"),
        heads=_heads(_("When"), _("After"), _("Who"), _("Why")),
        rows=[
            [_when(each), _before(each), *_who_and_why(each)]
            for each in ancestry.promotions
        ],
        named_by=None,
        empty=_("Never."),
    )


def _heads(*labels: str) -> list[Head]:
    return [Head(label, is_text=True) for label in labels]


def _when(promotion: Promotion) -> Cell:
    return Cell(moments.at(promotion.at), look="nowrap")


def _before(promotion: Promotion) -> Cell:
    return Cell(promotion.previous.name if promotion.previous else None)


def _who_and_why(promotion: Promotion) -> tuple[Cell, Cell]:
    who = str(promotion.actor or _("the system"))
    return (
        Cell(who, below=str(promotion.get_way_display())),
        Cell(gate_words.why_promoted(promotion) or "–"),
    )


def teachers(ancestry: Ancestry) -> Table:
    """People whose reviews a coach was trained on."""
    return Table(
        caption=_("People whose reviews it was trained on"),
        heads=[Head(_("Person"), is_text=True), Head(_("Reviews"))],
        rows=[
            [Cell(each.name or _("imported revisions")), count(each.reviews)]
            for each in ancestry.people
        ],
    )
