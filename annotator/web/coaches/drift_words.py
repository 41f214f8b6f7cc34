"""Drift as its page prints it: small charts of each figure, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotator.models import Against, DriftFigure
from annotator.selectors.drift import Drift, Generation
from annotator.web.drift_alarms import alarm
from annotator.web.figures import FIGURES, HIGHER_IS_BETTER, printed, unit_of
from annotator.web.numbers import PrintedInterval
from training.evaluation.drift import LEVEL
from training.models import EvaluationFigure

HEIGHT = 100
ROOM = 12
"""Free above and below the marks of a picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One generation in a picture; heights from the top, in the picture's units."""

    number: int
    name: str
    value: str
    interval: str
    y: float
    top: float
    bottom: float
    is_active: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure over all generations."""

    label: str
    unit: str
    better: str
    pairs: int
    marks: Sequence[Mark]
    band_top: float
    band_height: float
    """The reference's interval: 0 high without a reference."""


@dataclass(frozen=True, slots=True)
class GuardLine:
    """One guard of one generation beside another one."""

    coach: str
    other: str
    against: str
    label: str
    unit: str
    pairs: int
    value: str
    other_value: str
    difference: PrintedInterval
    tolerance: str
    adjusted_p: str
    alarms: bool


def board(found: Drift) -> dict[str, Any]:
    """What coaches/drift.html asks for."""
    names = list(dict.fromkeys(each.figure for each in found.fixed))
    active = next((g.coach for g in found.generations if g.is_active), None)
    lines = [(_line(each), each.coach) for each in found.compared]
    return {
        "check": found.check,
        "panels": [_panel(found, name) for name in names],
        "lines": [line for line, coach in lines if coach == active],
        "earlier_lines": [line for line, coach in lines if coach != active],
        "active": active,
        "alarms": [alarm(each) for each in found.standing],
        "acknowledged": [alarm(each) for each in found.acknowledged],
        "level": round(100 * LEVEL),
    }


def _figure(name: str, unit: str) -> EvaluationFigure:
    return EvaluationFigure(name=name, unit=unit)


def _printed(each: DriftFigure, value: float) -> str:
    return printed(_figure(each.figure, each.unit), value)


def _panel(found: Drift, name: str) -> Panel:
    by_coach = {each.coach_id: each for each in found.fixed if each.figure == name}
    chain = [each for each in found.generations if each.coach.pk in by_coach]
    figures = [by_coach[each.coach.pk] for each in chain]
    low = min(each.low for each in figures)
    high = max(each.high for each in figures)
    reference = next((by_coach[g.coach.pk] for g in chain if g.is_reference), None)

    def place(value: float) -> float:
        """Heights from the top; in the middle where all values are the same."""
        if high == low:
            return HEIGHT / 2
        return round(ROOM + (HEIGHT - 2 * ROOM) * (high - value) / (high - low), 2)

    top = place(reference.high) if reference else 0.0
    return Panel(
        label=str(FIGURES.get(name, name)),
        unit=unit_of(_figure(name, figures[0].unit)),
        better=_better(name),
        pairs=figures[0].pairs,
        marks=[
            _mark(generation, figure, [place(v) for v in _bounds(figure)])
            for generation, figure in zip(chain, figures, strict=True)
        ],
        band_top=top,
        band_height=round(place(reference.low) - top, 2) if reference else 0.0,
    )


def _bounds(figure: DriftFigure) -> tuple[float, float, float]:
    return figure.value, figure.high, figure.low


def _mark(
    generation: Generation, figure: DriftFigure, heights: Sequence[float]
) -> Mark:
    low, high = (_printed(figure, each) for each in (figure.low, figure.high))
    y, top, bottom = heights
    return Mark(
        number=generation.number,
        name=generation.coach.name,
        value=_printed(figure, figure.value),
        interval=f"[{low}, {high}]",
        y=y,
        top=top,
        bottom=bottom,
        is_active=generation.is_active,
    )


def _better(name: str) -> str:
    higher = HIGHER_IS_BETTER.get(name, name != "length ratio")
    return _("higher is better") if higher else _("lower is better")


def _line(each: DriftFigure) -> GuardLine:
    other = each.other_value if each.other_value is not None else 0.0
    bounds = (each.value - other, each.low, each.high)
    p = each.adjusted_p
    return GuardLine(
        coach=each.coach.name,
        other=each.other.name if each.other else "",
        against=str(Against(each.against).label),
        label=str(FIGURES.get(each.figure, each.figure)),
        unit=unit_of(_figure(each.figure, each.unit)),
        pairs=each.pairs,
        value=_printed(each, each.value),
        other_value=_printed(each, other),
        difference=PrintedInterval(
            *(_signed(_printed(each, bound)) for bound in bounds)
        ),
        tolerance=_printed(each, each.tolerance or 0.0),
        adjusted_p="–" if p is None else ("< 0.001" if p < 0.001 else f"{p:.3f}"),
        alarms=each.alarms,
    )


def _signed(number: str) -> str:
    return number if number.startswith("-") else f"+{number}"
