"""Figures as the coach pages print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotator.selectors.coaching import Watched
from annotator.web import labels
from training.models import Evaluation, EvaluationFigure, TrainingRun

DECISIVE = ("parseable", "chrF", "nearer than raw", "effort saved")


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure, ready to print."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % bounds, ready to print."""

    value: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the evaluation table."""

    label: str
    unit: str
    raw: Interval | None = None
    coach: Interval | None = None
    difference: Interval | None = None
    better: str = ""


def printed(figure: EvaluationFigure, value: float | None) -> str:
    """A share as per cent, all else with two digits that matter."""
    if value is None:
        return "–"
    if figure.name in labels.SHARES:
        return f"{100 * value:.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def unit_of(figure: EvaluationFigure) -> str:
    return f"% ({figure.unit})" if figure.name in labels.SHARES else figure.unit


def decisive(evaluation: Evaluation | None) -> list[Shown]:
    """The few figures that stand beside a coach's name."""
    if evaluation is None:
        return []
    chosen = [f for f in evaluation.figures.all() if f.name in DECISIVE]
    return [
        Shown(
            label=f"{labels.FIGURES[f.name]}{_(' (raw)') if f.side == 'raw' else ''}",
            value=printed(f, f.value),
            unit="%" if f.name in labels.SHARES else "",
            note=f"[{printed(f, f.low)}, {printed(f, f.high)}]",
        )
        for f in chosen
    ]


def table(evaluation: Evaluation | None) -> list[Row]:
    """Raw pair and draft side by side, each with its interval."""
    if evaluation is None:
        return []
    figures = list(evaluation.figures.all())
    names = list(dict.fromkeys(figure.name for figure in figures))
    return [_row([f for f in figures if f.name == name]) for name in names]


def _row(figures: Sequence[EvaluationFigure]) -> Row:
    by_side = {figure.side: figure for figure in figures}
    first, raw, coach = figures[0], by_side.get("raw"), by_side.get("coach")
    return Row(
        label=str(labels.FIGURES.get(first.name, first.name)),
        unit=unit_of(first),
        raw=_interval(raw),
        coach=_interval(coach),
        difference=_interval(by_side.get("")),
        better=_better(raw, coach),
    )


def _interval(figure: EvaluationFigure | None) -> Interval | None:
    if figure is None:
        return None
    bounds = (figure.value, figure.low, figure.high)
    return Interval(*(printed(figure, bound) for bound in bounds))


def _better(raw: EvaluationFigure | None, coach: EvaluationFigure | None) -> str:
    if raw is None or coach is None or raw.value == coach.value:
        return ""
    higher = labels.HIGHER_IS_BETTER.get(raw.name)
    if higher is None:
        return ""
    return "coach" if (coach.value > raw.value) == higher else "raw"


def curve(watched: Watched) -> dict[str, list[float | None]]:
    """Three lists of one length, as the chart takes them."""
    points = watched_points(watched)
    names = ("steps", "loss", "held_out")
    return {
        name: [point[place] for point in points] for place, name in enumerate(names)
    }


def watched_points(
    watched: Watched,
) -> list[tuple[float, float | None, float | None]]:
    """[step, training loss, held-out loss], one a step that has either."""
    loss = {point.step: point.loss for point in watched.steps}
    held_out = {point.step: point.loss for point in watched.held_out}
    steps = sorted(loss.keys() | held_out.keys())
    return [(step, loss.get(step), held_out.get(step)) for step in steps]


def share(run: TrainingRun) -> int:
    """Per cent of the present stage that is done."""
    if run.state == TrainingRun.State.EVALUATING:
        done, whole = run.evaluated, run.to_evaluate
    else:
        done, whole = run.step, run.steps
    return round(100 * done / whole) if whole else 0


def minutes(seconds: float | None) -> str:
    """A duration for people."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("%(n)d s") % {"n": round(seconds)}
    return _("%(n)d min") % {"n": round(seconds / 60)}
