"""The table of pairs that were found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.states import PairState
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Pair, Project, Review
from annotator.policies import Blind
from annotator.web import labels
from annotator.web.tables import excerpt


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A pair as the person may see it."""

    pair: Pair
    review: Review | None
    """The newest that they may read."""
    blind: Blind


def pairs(project: Project, found: Iterable[FoundPair], *, knows: bool) -> Table:
    """The pairs; `knows`: with the names of their coaches."""
    coach = [Head(_("Coach"), is_text=True)] if knows else []
    return Table(
        caption=_("Pairs, in the order of their import"),
        heads=[
            Head(_("Pair"), is_text=True),
            Head(_("Instruction"), is_text=True),
            Head(_("Response"), is_text=True),
            Head(_("State"), is_text=True),
            *coach,
            Head(_("Reviewed by"), is_text=True),
            Head(_("Characters changed")),
        ],
        rows=[_pair(project, each, knows=knows) for each in found],
    )


def _pair(project: Project, row: FoundPair, *, knows: bool) -> list[Cell]:
    pair, language = row.pair, project.language
    coach = [Cell(_coach(row), look="note")] if knows else []
    changed = row.review and row.review.distance_raw_final
    return [
        Cell(
            str(pair.pk),
            href=reverse("pair", args=[project.slug, pair.pk]),
            look="nowrap",
        ),
        excerpt(pair.instruction, 90, lang=language, look="excerpt"),
        excerpt(pair.response, 120, lang=language, look="excerpt"),
        Cell(str(labels.STATES[PairState(pair.state)]), state=pair.state),
        *coach,
        Cell(_author(row)),
        Cell("–" if changed is None else str(changed)),
    ]


def _coach(row: FoundPair) -> str:
    draft = None if row.blind.arm else row.pair.draft
    return draft.coach.name if draft and draft.coach else "–"


def _author(row: FoundPair) -> str:
    if row.review is None or row.blind.author:
        return "–"
    return str(row.review.author or _("imported"))
