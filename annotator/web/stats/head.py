"""The first look: cards, the funnel, where pairs stand, the forecast."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.domain.effort import Decision
from annotator.domain.forecast import Forecast, Reason
from annotator.domain.periods import Period
from annotator.domain.states import PairState
from annotator.domain.steps import Step
from annotator.formats.tables import Cell, Head, Table
from annotator.selectors.tallies import Filters
from annotator.web import labels
from annotator.web.choices import NO_CATEGORY, STEPS
from annotator.web.stats.board import Board, percent


def cards(board: Board) -> list[dict[str, object]]:
    """The five figures that are looked at first."""
    total = board.found.total
    return [
        _accepted_card(board),
        {
            "label": _("Reviews"),
            "value": Cell(total.reviews).text,
            "href": board.rows() if _narrowed(board) else board.rows(step="reviewed"),
            "note": ngettext("by %(n)s person", "by %(n)s people", _people(board))
            % {"n": _people(board)},
        },
        {
            "label": _("Drafts accepted as they were"),
            "value": Cell(percent(total.as_is, total.usable)).text,
            "unit": "%",
            "href": board.rows(decision=Decision.ACCEPTED),
            "note": _("of %(n)s reviews with a usable draft")
            % {"n": Cell(total.usable).text},
        },
        {
            "label": _("Time a pair"),
            "value": Cell(total.times.median).text,
            "unit": _("s active, median"),
            "note": _("mean %(mean)s s") % {"mean": Cell(total.times.mean).text},
        },
        {
            "label": _("Active time"),
            "value": Cell(total.hours, 1).text,
            "unit": _("h"),
        },
    ]


def _narrowed(board: Board) -> bool:
    return board.filters != Filters()


def _people(board: Board) -> int:
    return len(board.found.people)


def _accepted_card(board: Board) -> dict[str, object]:
    steps, total = board.found.steps, board.found.total
    if steps is None:
        return {
            "label": _("Reviews accepted"),
            "value": Cell(total.passed).text,
            "href": board.rows(verdict="accepted"),
            "note": _("of %(n)s judged")
            % {"n": Cell(total.passed + total.returned).text},
        }
    return {
        "label": _("Pairs accepted"),
        "value": Cell(steps[Step.ACCEPTED]).text,
        "href": board.rows(step=Step.ACCEPTED),
        "note": _("for the first time, on these days")
        if board.filters.period != Period()
        else _("of %(n)s imported") % {"n": Cell(steps[Step.IMPORTED]).text},
    }


FUNNEL = (
    Step.IMPORTED,
    Step.EXCLUDED,
    Step.DRAFTED,
    Step.REVIEWED,
    Step.RETURNED,
    Step.ACCEPTED,
    Step.EXPORTED,
)


def funnel(board: Board) -> Table:
    """Each step with its pairs; of one person or coach, the steps that reviews have."""
    steps = board.found.steps
    if steps is None:
        total = board.found.total
        counts = [
            (_("reviewed"), total.reviews, board.rows()),
            (_("returned"), total.returned, board.rows(verdict="returned")),
            (_("accepted"), total.passed, board.rows(verdict="accepted")),
        ]
        whole, unit = total.reviews, _("reviews")
    else:
        beside = ("undrafted", "ready_made")
        shown = [name for name in (*FUNNEL, *beside) if name in FUNNEL or steps[name]]
        order = [name for name in STEPS if name in shown]
        counts = [(str(STEPS[n]), steps[n], board.rows(step=n)) for n in order]
        whole, unit = max(steps.values(), default=0), _("pairs")
    return board.table(
        key="funnel",
        caption=_("From import to export"),
        heads=[Head(_("Step")), Head(_("Came there"), unit)],
        rows=[
            [Cell(label.capitalize()), Cell(count, href=href, whole=whole)]
            for label, count, href in counts
        ],
    )


def now(board: Board) -> list[dict[str, object]]:
    """Where the pairs stand that are not done, with links; and the excluded."""
    states = board.found.states or {}
    shown = [s for s in states if s not in (PairState.ACCEPTED,) and states[s]]
    return [
        {
            "label": labels.STATES[state],
            "count": Cell(states[state]).text,
            "href": f"{board.pairs}?{urlencode(_place(board, state))}",
        }
        for state in shown
    ]


def _place(board: Board, state: PairState) -> dict[str, object]:
    filters = board.filters
    asked = {
        "state": state.value,
        "batch": filters.batch,
        "category": NO_CATEGORY if filters.category == "" else filters.category,
    }
    return {name: value for name, value in asked.items() if value is not None}


def told(forecast: Forecast) -> dict[str, object]:
    """The finish date, or why there is none."""
    pace = _(
        "%(left)s pairs are left; %(pace)s a day were accepted, mean of the last "
        "%(days)s days, days off included."
    ) % {
        "left": Cell(forecast.remaining).text,
        "pace": Cell(forecast.a_day, 1).text,
        "days": forecast.window,
    }
    why = {
        None: "",
        Reason.DONE: _("Nothing is left to do."),
        Reason.TOO_SHORT: _(
            "It cannot be told yet: pairs have been accepted for less than 14 days."
        ),
        Reason.TOO_FEW: _(
            "It cannot be told: pairs were accepted on fewer than 5 of 28 days."
        ),
        Reason.TOO_FAR: _("It cannot be told: at this pace it is years away."),
    }[forecast.reason]
    return {
        "likely": forecast.likely,
        "early": forecast.early,
        "late": forecast.late,
        "why": why,
        "pace": "" if forecast.reason == Reason.DONE else pace,
    }
