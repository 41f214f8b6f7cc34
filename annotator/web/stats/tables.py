"""Acceptance, effort, time, returns, coaches and people, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotator.domain.effort import Decision
from annotator.domain.states import Arm
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Verdict
from annotator.models.texts import FIELD_LABELS
from annotator.selectors.dashboard import LONG, SHORT, BoardRow, Effort, Figures
from annotator.web import labels, rubric
from annotator.web.punctuation import colon
from annotator.web.stats.board import FEW, SHARES, Board, percent, short


def acceptance(board: Board) -> Table:
    """What became of usable drafts."""
    total = board.found.total
    return board.table(
        key="acceptance",
        folds_zeros=True,
        caption=_("What became of the drafts"),
        heads=[
            Head(_("Draft")),
            Head(_("Reviews"), "n"),
            Head(_("Share"), _("of usable drafts, %")),
        ],
        rows=[
            [
                Cell(short(decision).capitalize()),
                Cell(getattr(total, name), **board.link(decision=decision)),
                Cell(percent(getattr(total, name), total.usable), 1, whole=100),
            ]
            for name, decision, *_rest in SHARES
        ],
    )


def fields(board: Board) -> Table:
    """What was changed, field by field."""
    return board.table(
        key="fields",
        folds_zeros=True,
        caption=_("Edit effort by field"),
        heads=[
            Head(_("Field")),
            Head(_("Reviews that change it"), "n"),
            Head(_("Share"), _("of reviews, %")),
            Head(_("Changed"), _("characters a review, mean")),
        ],
        rows=[
            [
                Cell(str(FIELD_LABELS[effort.key])),
                Cell(effort.reviews, **board.link(field=effort.key)),
                Cell(percent(effort.reviews, effort.of), 1, whole=100),
                Cell(effort.mean_chars, 1),
            ]
            for effort in board.found.fields
        ],
    )


def flaws(board: Board) -> Table:
    """What the pairs with each flaw cost, the commonest flaw first."""
    marked = sorted(board.found.flaws, key=lambda effort: -effort.reviews)
    return board.table(
        key="flaws",
        caption=_("Edit effort by flaw"),
        heads=[
            Head(_("Flaw of the raw pair")),
            Head(_("Reviews"), "n"),
            Head(_("Share"), _("of reviews, %")),
            Head(_("Raw → final"), _("characters, mean")),
            Head(_("Active time"), _("s, mean")),
        ],
        rows=[_flaw_row(board, effort) for effort in marked if effort.reviews],
        few=[effort.reviews < FEW for effort in marked if effort.reviews],
    )


def _flaw_row(board: Board, effort: Effort) -> list[Cell]:
    side = rubric.SIDE_NAMES[effort.key.partition(".")[0]]
    return [
        Cell(f"{side}{colon()}{rubric.CRITERION_WORDS[effort.key][0]}"),
        Cell(effort.reviews, **board.link(tag=effort.key)),
        Cell(percent(effort.reviews, effort.of), 1, whole=100),
        Cell(effort.mean_chars),
        Cell(effort.mean_seconds),
    ]


def times(board: Board) -> Table:
    """Time a pair, and what lies outside the limits."""
    found = board.found.total.times
    return board.table(
        key="times",
        caption=_("Active time a review"),
        heads=[
            Head(_("Figure")),
            Head(_("Value")),
            Head(pgettext("unit of measure", "Unit"), is_text=True),
        ],
        rows=[
            [Cell(_("Median")), Cell(found.median, 1), Cell(_("s"))],
            [Cell(_("Mean")), Cell(found.mean, 1), Cell(_("s"))],
            [
                Cell(_("Mean without the outliers")),
                Cell(found.mean_inside, 1),
                Cell(_("s")),
            ],
            [Cell(_("Nine in ten are below")), Cell(found.p90, 1), Cell(_("s"))],
            [
                Cell(_("Under %(n)s s") % {"n": SHORT}),
                Cell(found.short, **board.link(seconds_max=SHORT)),
                Cell(_("reviews")),
            ],
            [
                Cell(_("Over %(n)s min") % {"n": LONG // 60}),
                Cell(found.long, **board.link(seconds_min=LONG)),
                Cell(_("reviews")),
            ],
        ],
    )


def returns(board: Board) -> Table:
    """Why reviews were sent back."""
    returned = board.found.total.returned
    ranked = sorted(board.found.reasons.items(), key=lambda each: -each[1])
    words = dict(Verdict.Reason.choices)
    return board.table(
        key="returns",
        folds_zeros=True,
        caption=_("Returned reviews by reason"),
        heads=[
            Head(_("Reason")),
            Head(_("Reviews"), "n"),
            Head(_("Share"), _("of returns, %")),
        ],
        rows=[
            [
                Cell(str(words[reason]).capitalize()),
                Cell(count, **board.link(reason=reason)),
                Cell(percent(count, returned), 1, whole=100),
            ]
            for reason, count in ranked
        ],
    )


def coaches(board: Board) -> Table:
    """Each coach's drafts beside the pairs that had none."""
    return _measures(
        board,
        "coaches",
        _("Coach versions compared"),
        _("Coach"),
        board.found.coaches,
        lambda row: {"by_coach": row.key or 0},
    )


def people(board: Board) -> Table:
    """The same by person."""
    return _measures(
        board,
        "people",
        _("People"),
        _("Person"),
        board.found.people,
        lambda row: {"person": row.key},
    )


def _measures(
    board: Board,
    key: str,
    caption: str,
    first: str,
    rows: Sequence[BoardRow],
    asked: Any,
) -> Table:
    return board.table(
        key=key,
        folds_zeros=True,
        caption=caption,
        heads=[
            Head(first),
            Head(_("Reviews"), "n"),
            Head(_("Accepted as is"), _("of usable drafts, %")),
            Head(_("Mostly rewritten"), "%"),
            Head(_("Rejected"), "%"),
            Head(_("Draft → final"), _("characters, mean")),
            Head(_("Raw → final"), _("characters, mean")),
            Head(_("Time a pair"), _("s active, median")),
            Head(_("Time a pair"), _("s active, mean")),
            Head(_("Returned"), _("of judged, %")),
        ],
        rows=[_measured(board, row, asked(row)) for row in rows],
        few=[row.figures.reviews < FEW for row in rows],
    )


def _measured(board: Board, row: BoardRow, asked: dict[str, object]) -> list[Cell]:
    found: Figures = row.figures
    returned = found.returned_share
    return [
        Cell(row.label or str(labels.ARMS[Arm.CONTROL])),
        Cell(found.reviews, **board.link(**asked)),
        Cell(
            percent(found.as_is, found.usable),
            **board.link(decision=Decision.ACCEPTED, **asked),
        ),
        Cell(
            percent(found.rewritten, found.usable),
            **board.link(decision=Decision.REWRITTEN, **asked),
        ),
        Cell(
            percent(found.kept_raw, found.usable),
            **board.link(decision=Decision.KEPT_RAW, **asked),
        ),
        Cell(found.mean_draft_final),
        Cell(found.mean_raw_final),
        Cell(found.times.median),
        Cell(found.times.mean),
        Cell(
            None if returned is None else 100 * returned,
            1,
            **board.link(verdict="returned", **asked),
        ),
    ]
