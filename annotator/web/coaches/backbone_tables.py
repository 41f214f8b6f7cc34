"""The tables of comparisons of backbones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import BackboneComparison, BackboneFigure, Project
from annotator.selectors.backbones import BackboneBoard, Measured
from annotator.web import moments
from annotator.web.figures import FIGURES, HIGHER_IS_BETTER, printed, unit_of
from annotator.web.numbers import PrintedInterval, rounded
from annotator.web.tables import interval
from training.evaluation.figures import AGAINST_RAW, BETTER, COACH, DIFFERENCE, RAW

State = BackboneComparison.State
SIGNS = {
    State.WAITING: "queued",
    State.WORKING: "training",
    State.DONE: "ready",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}


def comparisons(project: Project, found: Iterable[BackboneComparison]) -> Table:
    """Comparisons, newest first."""
    return Table(
        caption=_("Comparisons, newest first"),
        heads=[Head(_("What"), is_text=True), Head(_("State"), is_text=True)],
        rows=[_comparison(project, each) for each in found],
    )


def _comparison(project: Project, row: BackboneComparison) -> list[Cell]:
    by = [moments.at(row.created_at), str(row.asked_by or "")]
    return [
        Cell(
            ", ".join(each.name for each in row.backbones.all()),
            href=reverse("backbone", args=[project.slug, row.pk]),
            below=" · ".join(filter(None, by)),
        ),
        Cell(row.get_state_display(), state=SIGNS[State(row.state)]),
    ]


def cost(project: Project, board: BackboneBoard) -> Table:
    """How fast each drafts, and what of memory it takes."""
    return Table(
        caption=_("Pace and memory"),
        heads=[
            Head(_("Backbone"), is_text=True),
            Head(_("Drafts"), _("of pairs")),
            Head(_("Taken over"), _("from evaluations")),
            Head(_("Speed"), _("tokens/s")),
            Head(_("Speed"), _("drafts/min")),
            Head(_("Peak memory"), _("GB")),
        ],
        rows=[_cost(project, board, each) for each in board.backbones],
    )


def _cost(project: Project, board: BackboneBoard, each: Measured) -> list[Cell]:
    row = each.row
    memory = None if row.memory is None else row.memory / 1e9
    return [
        Cell(row.name, href=_address(project, each), below=_base(each)),
        Cell(str(each.done), note=f"/ {board.pairs}"),
        Cell(str(each.reused)),
        Cell(rounded(each.tokens_per_second, 0)),
        Cell(rounded(each.drafts_per_minute, 1)),
        Cell(rounded(memory, 2), note=_("of the GPU") if row.device == "cuda" else ""),
    ]


def _address(project: Project, each: Measured) -> str:
    pk = each.row.coach_id
    return reverse("coach", args=[project.slug, pk]) if pk else ""


def _base(each: Measured) -> str:
    row = each.row
    if row.coach_id is None:
        return _("base model, without an adapter")
    return f"{row.base_model} {row.base_revision}".strip()


def quality(project: Project, board: BackboneBoard) -> Table | None:
    """The figures of each beside the raw pairs; None before any is measured."""
    measured = [each for each in board.backbones if each.row.measured_at]
    if not measured:
        return None
    return Table(
        caption=_(
            "On %(n)d held-out pairs; in brackets a 95 %% bootstrap interval. Better "
            "or worse than %(first)s: where the interval of the difference, on the "
            "same pairs, leaves 0 out."
        )
        % {"n": board.pairs, "first": measured[0].row.name},
        is_captioned=True,
        heads=[
            Head(_("Figure"), is_text=True),
            Head(_("Raw pair")),
            *(Head(each.row.name, href=_address(project, each)) for each in measured),
        ],
        rows=list(_rows(measured)),
    )


def _rows(measured: Sequence[Measured]) -> Iterable[list[Cell]]:
    by_key = [
        {(figure.name, figure.side): figure for figure in each.figures}
        for each in measured
    ]
    for name, label in FIGURES.items():
        found = [k.get((name, COACH)) or k.get((name, AGAINST_RAW)) for k in by_key]
        known = [figure for figure in found if figure]
        if name == BETTER or not known:
            continue
        yield [
            Cell(str(label), below=unit_of(known[0])),
            _cell(by_key[0].get((name, RAW))),
            *(
                replace(_cell(figure), note=_verdict(keys.get((name, DIFFERENCE))))
                for figure, keys in zip(found, by_key, strict=True)
            ),
        ]


def _cell(figure: BackboneFigure | None) -> Cell:
    if figure is None:
        return interval(None)
    bounds = (figure.value, figure.low, figure.high)
    return interval(PrintedInterval(*(printed(figure, bound) for bound in bounds)))


def _verdict(difference: BackboneFigure | None) -> str:
    """Whether it is surely better or worse than the first one; empty: in doubt."""
    if difference is None or difference.low is None or difference.high is None:
        return ""
    higher = HIGHER_IS_BETTER.get(difference.name)
    if higher is None or difference.low <= 0 <= difference.high:
        return ""
    return _("better") if (difference.value > 0) == higher else _("worse")
