"""The tables of what the coach gains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from annotator.domain.gain.estimate import Gain
from annotator.domain.states import Arm
from annotator.formats.tables import Cell, Head, Table
from annotator.selectors.gain.report import GainReport
from annotator.web import labels
from annotator.web.numbers import rounded
from annotator.web.stats.gain_words import GainRow, percent
from annotator.web.tables import count, interval

Ticks = Sequence[tuple[float, int]]
"""Of the scale: their places, and per cents."""


def arms(found: GainReport) -> Table:
    """Both arms side by side."""
    return Table(
        caption=_("Both arms"),
        heads=[
            Head(_("Arm"), is_text=True),
            Head(_("Settled pairs"), "n"),
            Head(_("Accepted"), "n"),
            Head(_("Active time"), "h"),
            Head(_("Pairs a person-day"), _("same mix of work")),
            Head(_("Pairs a person-day"), _("as counted")),
            Head(_("Not counted yet"), _("open + in quality control")),
        ],
        rows=[_arm(found, arm) for arm in Arm],
    )


def _arm(found: GainReport, arm: Arm) -> list[Cell]:
    side, waiting = getattr(found.gain, arm.value), found.waiting[arm]
    return [
        Cell(str(labels.ARMS[arm])),
        count(side.pairs),
        count(side.accepted),
        Cell(rounded(side.hours, 1)),
        Cell(rounded(side.per_day, 1)),
        Cell(rounded(side.counted_per_day, 1)),
        Cell(f"{waiting.open} + {waiting.reviewed}"),
    ]


def nets(found: GainReport) -> Table:
    """The gain with more and more costs counted."""
    return Table(
        caption=_("The gain with more and more costs counted"),
        heads=[
            Head(_("Counted"), is_text=True),
            Head(_("More pairs"), "% [95 %]"),
            Head(_("Without the coach"), _("pairs a person-day")),
            Head(_("With the coach"), _("pairs a person-day")),
        ],
        rows=[
            [
                Cell(label),
                interval(percent(gain)),
                Cell(rounded(gain.control.per_day, 1)),
                Cell(rounded(gain.coached.per_day, 1)),
            ]
            for label, gain in _net(found)
        ],
    )


def _net(found: GainReport) -> Iterator[tuple[str, Gain]]:
    yield _("annotators' time"), found.gain
    yield _("and quality control's"), found.with_quality
    if found.with_machine:
        yield _("and the machine's, at your price"), found.with_machine


def parts(title: str, rows: Sequence[GainRow], ticks: Ticks) -> Table:
    """The gain of each part of the work, with a picture of its interval."""
    return Table(
        caption=title,
        heads=[
            Head(title, is_text=True),
            Head(_("Settled pairs"), _("without + with a draft")),
            Head(_("Pairs a person-day"), _("without → with")),
            Head(_("More pairs"), "% [95 %]"),
            Head(
                _("Interval as a picture"),
                is_text=True,
                markup=render_to_string("stats/_gain_axis.html", {"ticks": ticks}),
            ),
        ],
        rows=[_part(row) for row in rows],
        looks=["" if row.percent else "uncertain" for row in rows],
        look="gains",
    )


def _part(row: GainRow) -> list[Cell]:
    control, coached = row.gain.control, row.gain.coached
    days = f"{rounded(control.per_day, 1)} → {rounded(coached.per_day, 1)}"
    return [
        Cell(str(row.label), href=row.link),
        Cell(f"{control.pairs} + {coached.pairs}"),
        Cell(days),
        interval(row.percent),
        Cell("", markup=_picture(row), below=row.lacking),
    ]


def _picture(row: GainRow) -> str:
    if row.drawn is None:
        return ""
    return render_to_string("stats/_gain_interval.html", {"drawn": row.drawn})
