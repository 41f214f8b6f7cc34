"""The curves of training runs, as the charts take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotator.selectors.coaching import ComparedRun, RunWatch
from annotator.web.punctuation import comma
from training.models import (
    RunPoint,
)

Curve = dict[str, Any]


def curve(watched: RunWatch) -> Curve:
    """The run's curves as the chart takes them."""
    loss = {point.step: point.loss for point in watched.steps}
    rate = {point.step: point.rate for point in watched.steps}
    held_out = {point.step: point.loss for point in watched.held_out}
    return _curve(
        Line(_("Training loss"), 0, "line", loss),
        Line(_("Held-out loss"), 1, "points", held_out),
        Line(_("Learning rate"), 2, "dash", rate, scale="rate"),
    )


def curves(compared: Sequence[ComparedRun]) -> Curve:
    """The held-out and training losses of some runs, over each other."""
    lines = []
    for hue, each in enumerate(compared):
        name = _("Run %(pk)d") % {"pk": each.run.pk}
        for kind, look in (("step", "line"), ("held_out", "points")):
            points = {p.step: p.loss for p in each.points if p.kind == kind}
            label = f"{name}{comma()}{RunPoint.Kind(kind).label}"
            lines.append(Line(label, hue, look, points))
    return _curve(*lines)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its points by step."""

    label: str
    hue: int
    look: str
    """`line`, `points` or `dash`."""
    points: Mapping[int, float | None]
    scale: str = "loss"


def _curve(*lines: Line) -> Curve:
    steps = sorted({step for line in lines for step in line.points})
    return {
        "x": steps,
        "series": [
            {
                "label": line.label,
                "hue": line.hue,
                "look": line.look,
                "scale": line.scale,
                "values": [line.points.get(step) for step in steps],
            }
            for line in lines
        ],
    }


def watched_points(watched: RunWatch) -> list[tuple[float | None, ...]]:
    """(step, training loss, held-out loss, learning rate), one a step that has any."""
    loss = {point.step: point for point in watched.steps}
    held_out = {point.step: point.loss for point in watched.held_out}
    rows: list[tuple[float | None, ...]] = []
    for step in sorted(loss.keys() | held_out.keys()):
        point = loss.get(step)
        own = (point.loss, point.rate) if point else (None, None)
        rows.append((step, own[0], held_out.get(step), own[1]))
    return rows
