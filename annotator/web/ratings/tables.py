"""The tables of blind ratings."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import BlindRating, ModelStudy, Project
from annotator.selectors import progress
from annotator.selectors.blind_ratings import Mine, Stand
from annotator.web import moments
from annotator.web.http import Request
from annotator.web.ratings.words import SHORT_MODES, arm


def study_name(study: ModelStudy) -> str:
    """What a study compares."""
    return ", ".join(arm(str(name)) for name in study.order.arms)


def mine(project: Project, found: Iterable[Mine]) -> Table:
    """What the person is asked to rate; nothing says what is compared."""
    return Table(
        caption=_("Yours to rate"),
        heads=[
            Head(_("Texts"), is_text=True),
            Head(_("Done by you")),
            Head(_("Asked"), is_text=True),
        ],
        rows=[_mine(project, each) for each in found],
    )


def _mine(project: Project, mine: Mine) -> list[Cell]:
    rating = mine.rating
    return [
        Cell(
            _("%(n)s, %(how)s") % {"n": rating.pk, "how": SHORT_MODES[rating.mode]},
            href=reverse("rating", args=[project.slug, rating.pk]),
        ),
        Cell(_("%(done)s of %(whole)s") % {"done": mine.done, "whole": mine.whole}),
        Cell(moments.at(rating.created_at)),
    ]


def orders(request: Request, project: Project, found: Iterable[Stand]) -> Table:
    """All orders, newest first."""
    may = progress.capabilities(request.user, project)
    return Table(
        caption=_("Blind ratings, newest first"),
        heads=[
            Head(_("What is rated"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Pairs")),
            Head(_("Raters"), _("of each text")),
            Head(_("Answers"), _("of all that were asked for")),
            Head(_("Do something with it"), is_unseen=True),
        ],
        rows=[
            [
                _about(project, each.rating),
                _state(each),
                Cell(each.pairs),
                Cell(each.rating.raters),
                Cell(each.answers, printed=f"{each.answers} / {each.wanted}"),
                Cell(
                    "",
                    markup=render_to_string(
                        "ratings/_deeds.html",
                        {"project": project, "stand": each, "may": may},
                        request,
                    ),
                ),
            ]
            for each in found
        ],
    )


def _about(project: Project, rating: BlindRating) -> Cell:
    how = SHORT_MODES[rating.mode]
    below = f"{how} · {moments.at(rating.created_at)} · {rating.asked_by or '–'}"
    if rating.report:
        name = _("Dataset report: %(name)s") % {"name": rating.report.name}
        href = reverse("dataset-report", args=[project.slug, rating.report.pk])
    else:
        sides = {"other": arm(rating.other), "one": arm(rating.one)}
        number = {"n": rating.study_id, **sides}
        name = _("Model study %(n)s: %(other)s beside %(one)s") % number
        href = reverse("model-study", args=[project.slug, rating.study_id])
    return Cell(name, href=f"{href}#people", below=below)


def _state(stand: Stand) -> Cell:
    if stand.rating.ended_at:
        return Cell(_("ended"), state="cancelled")
    if stand.is_over:
        return Cell(_("answered"), state="ready")
    return Cell(_("being rated"), state="training")
