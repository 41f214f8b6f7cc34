"""The figures and tables of a coach that keeps quiet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotator.domain.intervals import share
from annotator.formats.tables import Cell, Head, Table
from annotator.web.numbers import number, per_cent, percent, rounded
from annotator.web.tables import count, interval
from training.evaluation import quiet
from training.evaluation.helpfulness import Estimate


def figures(point: quiet.Point) -> list[dict[str, Any]]:
    """What one threshold does to the pairs that are known."""
    characters = pgettext("unit of measure", "characters")
    return [
        {
            "label": _("Drafts shown"),
            "value": percent(point.shown, point.pairs),
            "note": _("%(n)d of %(of)d pairs") % {"n": point.shown, "of": point.pairs},
        },
        {
            "label": _("Shown ones that helped"),
            "value": percent(point.helped, point.shown),
            "note": _("%(n)d of %(of)d, nearer than the raw pair")
            % {"n": point.helped, "of": point.shown},
        },
        {
            "label": _("Saved by them"),
            "value": number(point.saved),
            "unit": characters,
            "note": _("%(share)s of all edits") % {"share": _share(point.saved_share)},
        },
        {
            "label": _("Lost by them"),
            "value": number(point.lost),
            "unit": characters,
            "note": _("where the raw pair was nearer"),
        },
        {
            "label": _("Edits left, taken as it comes"),
            "value": rounded(point.ratio, 2),
            "unit": _("of those from the raw pairs"),
            "note": _("below 1: the coach is nearer to the final texts"),
        },
        {
            "label": _("Good pairs left alone"),
            "value": percent(point.left_alone, point.good),
            "note": _("%(n)d of %(of)d in which nothing was changed")
            % {"n": point.left_alone, "of": point.good},
        },
    ]


def curve(found: Estimate, now: float) -> Table:
    """Every threshold in steps of 0.05, and the project's, which is marked."""
    # xgettext:no-python-format
    of_shown = _("% of shown")
    return Table(
        caption=_("What each threshold does to the pairs that are known"),
        heads=[
            Head(_("Shown from"), is_text=True),
            Head(_("Shown"), _("% of pairs")),
            Head(_("Helped"), of_shown),
            Head(_("Saved"), pgettext("unit of measure", "characters")),
            Head(_("Lost"), pgettext("unit of measure", "characters")),
            Head(_("Edits left"), _("of the raw pairs'")),
            Head(_("Good pairs left alone"), "%"),
        ],
        rows=[
            _row(point, is_own=point.threshold == now)
            for point in quiet.curve(found.judged, now)
        ],
    )


def _row(point: quiet.Point, *, is_own: bool) -> list[Cell]:
    cells = [
        Cell(f"{point.threshold:.2f}", note=_("the project's") if is_own else ""),
        Cell(percent(point.shown, point.pairs)),
        Cell(percent(point.helped, point.shown)),
        count(point.saved),
        count(point.lost),
        Cell(rounded(point.ratio, 2)),
        Cell(percent(point.left_alone, point.good)),
    ]
    return [replace(cell, is_strong=is_own) for cell in cells]


def bins(found: Estimate) -> Table:
    """Calibration: what was foretold beside what came."""
    return Table(
        caption=_("Foretold and come true, on drafts it had not seen"),
        heads=[
            Head(_("Foretold"), _("mean probability"), is_text=True),
            Head(_("Drafts")),
            Head(_("Helped"), _("%, 95 % interval")),
        ],
        rows=[
            [
                Cell(f"{part.mean:.2f}"),
                count(part.of),
                interval(per_cent(share(part.helped, part.of))),
            ]
            for part in found.bins
        ],
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
