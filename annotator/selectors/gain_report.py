"""The efficiency number as its page and the API tell it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from annotator.domain import gains as rule
from annotator.domain.bands import LengthBand
from annotator.domain.gain_cells import Cell, with_machine, with_quality
from annotator.domain.states import Arm
from annotator.models import Project
from annotator.selectors import gains


@dataclass(frozen=True, slots=True)
class Group:
    """One part of the work and its own efficiency number."""

    key: Hashable
    label: str
    """A name or a key: of a person, coach, category, band; or the week's Monday."""
    gain: rule.Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything on the page."""

    gain: rule.Gain
    """People's time alone."""
    with_quality: rule.Gain
    """The time of quality control added."""
    with_machine: rule.Gain | None
    """And the coach's own; None without a price for it."""
    machine_seconds: float | None
    """A coached pair's share of drafting and training; None without drafts."""
    training_seconds_a_pair: float | None
    """Training by accepted pairs that the coach drafted."""
    costs: gains.Costs
    waiting: dict[Arm, gains.Waiting]
    groups: Mapping[str, Sequence[Group]]
    """By person, band, category, coach and week."""


def report(
    project: Project,
    wanted: gains.CellFilter,
    machine_hour: float = 0.0,
) -> Report:
    """`machine_hour`: hours of a person that an hour of the machine costs."""
    cells = gains.cells(project, wanted)
    costs = gains.costs(project)
    strata = rule.WEEKS if wanted.coach else rule.STRATA
    least = 1 if wanted.person else rule.LEAST_PEOPLE
    every = [with_quality(cell) for cell in cells]
    training = _training_a_pair(project, cells, wanted, costs)
    machine = None
    if costs.seconds_a_pair is not None:
        machine = costs.seconds_a_pair + (training or 0.0)
    priced = None
    if machine is not None and machine_hour > 0:
        added = [with_machine(cell, machine * machine_hour) for cell in every]
        priced = rule.estimate(added, strata, least)
    return Report(
        gain=rule.estimate(cells, strata, least),
        with_quality=rule.estimate(every, strata, least),
        with_machine=priced,
        machine_seconds=machine,
        training_seconds_a_pair=training,
        costs=costs,
        waiting=gains.waiting(project),
        groups=groups(cells, least),
    )


def _training_a_pair(
    project: Project,
    cells: Sequence[Cell],
    wanted: gains.CellFilter,
    costs: gains.Costs,
) -> float | None:
    """All training by all accepted coached pairs, whatever is filtered."""
    if wanted != gains.CellFilter():
        cells = gains.cells(project)
    accepted = sum(cell.accepted for cell in cells if cell.arm == Arm.COACHED)
    return costs.training_seconds / accepted if accepted else None


def groups(
    cells: Sequence[Cell], least: int = rule.LEAST_PEOPLE
) -> dict[str, list[Group]]:
    """The parts, each in a fixed order; one person's number needs one person."""
    names = gains.names(cells)
    order = {str(band): place for place, band in enumerate(LengthBand)}
    found = {
        "person": _parts(cells, lambda c: c.person, _named(names.people), 1),
        "band": _parts(cells, lambda c: c.band, str, least),
        "category": _parts(cells, lambda c: c.category, str, least),
        "coach": _coaches(cells, names, least),
        "week": _parts(cells, lambda c: c.week, str, least),
    }
    found["band"].sort(key=lambda group: order.get(group.label, len(order)))
    for name in ("person", "category", "week"):
        found[name].sort(key=lambda group: group.label)
    return found


def _parts(
    cells: Sequence[Cell],
    key: Callable[[Cell], Hashable],
    label: Callable[[Hashable], object],
    least: int,
) -> list[Group]:
    parts: dict[Hashable, list[Cell]] = {}
    for cell in cells:
        parts.setdefault(key(cell), []).append(cell)
    return [
        Group(part, str(label(part) or part), rule.estimate(mine, least_people=least))
        for part, mine in parts.items()
    ]


def _named(names: Mapping[int, str]) -> Callable[[Hashable], object]:
    return lambda key: names.get(key) if isinstance(key, int) else None


def _coaches(cells: Sequence[Cell], names: gains.Names, least: int) -> list[Group]:
    """Each coach against the control pairs of the weeks in which it drafted."""
    control = [cell for cell in cells if cell.arm == Arm.CONTROL]
    found = []
    for coach in sorted(names.coaches):
        mine = [cell for cell in cells if cell.coach == coach]
        gain = rule.estimate([*control, *mine], rule.WEEKS, least)
        found.append(Group(coach, names.coaches[coach], gain))
    return found
