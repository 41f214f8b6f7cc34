"""Drift alarms in people's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotator.models import DriftAlarm, Project
from annotator.selectors.drift import standing
from annotator.web.figures import FIGURES, printed, unit_of
from training.models import EvaluationFigure


def alarm_words(alarm: DriftAlarm) -> str:
    """One alarm in a sentence with its numbers."""
    figure = EvaluationFigure(name=alarm.figure, unit=alarm.unit)
    numbers = (alarm.value, alarm.other_value, alarm.low, alarm.high)
    value, other, low, high = (printed(figure, each) for each in numbers)
    return _(
        "%(figure)s: %(value)s, and %(other)s with %(coach)s (%(against)s), on "
        "%(pairs)d shared pairs. The 95 %% interval of the difference is %(low)s to "
        "%(high)s; %(unit)s."
    ) % {
        "figure": FIGURES.get(alarm.figure, alarm.figure),
        "value": value,
        "other": other,
        "coach": alarm.other.name,
        "against": alarm.get_against_display(),
        "pairs": alarm.pairs,
        "low": low,
        "high": high,
        "unit": unit_of(figure),
    }


def alarms(project: Project) -> list[dict[str, Any]]:
    """What _drift_alarms.html asks for: those that nobody has acknowledged."""
    return [alarm(each) for each in standing(project)]


def alarm(each: DriftAlarm) -> dict[str, Any]:
    """One alarm: the row, its figure's name and its sentence."""
    label = FIGURES.get(each.figure, each.figure)
    return {"row": each, "label": label, "words": alarm_words(each)}
