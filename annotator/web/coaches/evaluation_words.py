"""Figures as the coach pages print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotator.selectors.coaching import ComparedRun
from annotator.web import labels
from annotator.web.coaches.words import CONTROLS, LEARNS, PREFERENCES, SELECTIONS
from annotator.web.figures import FIGURES, HIGHER_IS_BETTER, SHARES, printed, unit_of
from annotator.web.numbers import PrintedInterval
from training.models import (
    Evaluation,
    EvaluationFigure,
    TrainingRun,
)
from training.services import runs

DECISIVE = ("parseable", "chrF", "nearer than raw", "effort saved")


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """One figure, ready to print."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of the evaluation table."""

    label: str
    unit: str
    raw: PrintedInterval | None = None
    current: PrintedInterval | None = None
    coach: PrintedInterval | None = None
    difference: PrintedInterval | None = None
    """Coach less current one; without a current one, coach and raw compared."""
    better: str = ""
    """`coach` or `current` (without one, `raw`) if it is nearer to people; empty if
    the interval of their difference holds 0."""


def decisive(evaluation: Evaluation | None) -> list[PrintedFigure]:
    """The few figures that stand beside a coach's name."""
    if evaluation is None:
        return []
    chosen = [
        figure
        for figure in evaluation.figures.all()
        if figure.name in DECISIVE
        and not figure.category
        and figure.side not in {"current", "difference"}
    ]
    return [
        PrintedFigure(
            label=_label(f),
            value=printed(f, f.value),
            unit="%" if f.name in SHARES else "",
            note=f"[{printed(f, f.low)}, {printed(f, f.high)}]",
        )
        for f in chosen
    ]


def _label(figure: EvaluationFigure) -> str:
    label = str(FIGURES[figure.name])
    is_raw = figure.side == "raw"
    return _("%(figure)s of the raw pair") % {"figure": label} if is_raw else label


def table(evaluation: Evaluation | None) -> list[FigureRow]:
    """Raw pair, active and new coach side by side, each with its interval."""
    return _rows(evaluation, "") if evaluation else []


def by_category(evaluation: Evaluation | None) -> list[tuple[str, list[FigureRow]]]:
    """The same for each category that has figures."""
    if evaluation is None:
        return []
    names = sorted({f.category for f in evaluation.figures.all() if f.category})
    return [(name, _rows(evaluation, name)) for name in names]


def _rows(evaluation: Evaluation, category: str) -> list[FigureRow]:
    figures = [f for f in evaluation.figures.all() if f.category == category]
    order = {name: place for place, name in enumerate(FIGURES)}
    names = sorted(
        {figure.name for figure in figures},
        key=lambda name: (order.get(name, len(order)), name),
    )
    return [_row([f for f in figures if f.name == name]) for name in names]


def _row(figures: Sequence[EvaluationFigure]) -> FigureRow:
    by_side = {figure.side: figure for figure in figures}
    first, coach = figures[0], by_side.get("coach")
    rival = "current" if "current" in by_side else "raw"
    difference = by_side.get("difference")
    return FigureRow(
        label=str(FIGURES.get(first.name, first.name)),
        unit=unit_of(first),
        raw=_interval(by_side.get("raw")),
        current=_interval(by_side.get("current")),
        coach=_interval(coach or by_side.get("")),
        difference=_interval(difference),
        better=""
        if _in_doubt(difference)
        else _better(rival, by_side.get(rival), coach or by_side.get("")),
    )


def _in_doubt(difference: EvaluationFigure | None) -> bool:
    """Whether the interval of a difference leaves open who is better."""
    if difference is None or difference.low is None or difference.high is None:
        return False
    return difference.low <= 0 <= difference.high


def _interval(figure: EvaluationFigure | None) -> PrintedInterval | None:
    if figure is None:
        return None
    bounds = (figure.value, figure.low, figure.high)
    return PrintedInterval(*(printed(figure, bound) for bound in bounds))


def _better(
    rival: str, other: EvaluationFigure | None, coach: EvaluationFigure | None
) -> str:
    if other is None or coach is None or other.value == coach.value:
        return ""
    higher = HIGHER_IS_BETTER.get(coach.name)
    if higher is None:
        return ""
    return "coach" if (coach.value > other.value) == higher else rival


def learns_from(run: TrainingRun) -> list[tuple[str, str]]:
    """What a run goes on from and its examples were chosen by: (name, value)."""
    if not run.trains:
        return [(_("adapter"), _("came in as a file"))]
    snapshot = run.snapshot
    selection, query = dict(snapshot.selection), dict(snapshot.query)
    kind = selection.pop("kind", "")
    names: Mapping[Any, Any] = SELECTIONS | LEARNS
    told = [(_("goes on from"), str(run.parent or _("the base model alone")))]
    told.append((_("learns from"), str(names.get(kind, kind))))
    told += [
        (str(PREFERENCES.get(name, name)), f"{value:g}")
        for name, value in selection.items()
    ]
    words: dict[str, Mapping[Any, Any]] = {
        "arm": labels.ARMS,
        "control": CONTROLS,
    }
    for name, value in query.items():
        text = ", ".join(value) if isinstance(value, list) else value
        told.append((name, str(words.get(name, {}).get(text, text))))
    return told


def differing(compared: Sequence[ComparedRun]) -> list[tuple[str, list[str]]]:
    """The settings that are not the same in all of the runs."""
    columns = [_settings(each.run) for each in compared]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [(name, [column.get(name, "–") for column in columns]) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def _settings(run: TrainingRun) -> dict[str, str]:
    told = {name: str(value) for name, value in run.config.items()}
    told |= dict(learns_from(run))
    return {**told, _("snapshot"): run.snapshot.sha256[:12]}


def side_by_side(
    compared: Sequence[ComparedRun],
) -> list[tuple[str, str, list[PrintedInterval | None]]]:
    """(figure, unit, each run's coach) for all figures that any coach has."""
    columns = [{row.label: row for row in table(each.evaluation)} for each in compared]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = []
    for name in names:
        cells = [column[name].coach if name in column else None for column in columns]
        unit = next(column[name].unit for column in columns if name in column)
        rows.append((name, unit, cells))
    return rows


def share(run: TrainingRun) -> int:
    """Per cent of the present stage that is done."""
    if run.state == TrainingRun.State.EVALUATING:
        done, whole = run.evaluated, run.to_evaluate
    elif run.state == TrainingRun.State.CROSS_FITTING:
        return _share_of_stages(run)
    else:
        done, whole = run.step, run.steps
    return round(100 * done / whole) if whole else 0


def _share_of_stages(run: TrainingRun) -> int:
    """Of cross-fitting, as if each stage took as long."""
    before = max(run.stage - 1, 0)
    now = run.stage_done / run.stage_whole if run.stage_whole else 0
    return round(100 * (before + now) / (2 * runs.folds(run)))


def stage(run: TrainingRun) -> dict[str, str]:
    """How far cross-fitting is; empty before it and without it."""
    if not run.stage:
        return {}
    is_drafting = run.stage % 2 == 0
    says = _("%(n)d of %(of)d drafts") if is_drafting else _("step %(n)d of %(of)d")
    fold, count = (run.stage + 1) // 2, runs.folds(run)
    return {
        "value": _("%(fold)d of %(count)d") % {"fold": fold, "count": count},
        "note": says % {"n": run.stage_done, "of": run.stage_whole},
    }
