"""The efficiency number as its page and the API tell it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from annotator.domain.bands import LengthBand
from annotator.domain.gain import estimate
from annotator.domain.gain.cells import GainCell, with_machine, with_quality
from annotator.domain.states import Arm
from annotator.models import Project
from annotator.selectors.gain import counting


@dataclass(frozen=True, slots=True)
class GainGroup:
    """One part of the work and its own efficiency number."""

    key: Hashable
    label: str
    """A name or a key: of a person, coach, category, band; or the week's Monday."""
    gain: estimate.Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class GainReport:
    """Everything on the page."""

    gain: estimate.Gain
    """People's time alone."""
    with_quality: estimate.Gain
    """The time of quality control added."""
    with_machine: estimate.Gain | None
    """And the coach's own; None without a price for it."""
    machine_seconds: float | None
    """A coached pair's share of drafting and training; None without drafts."""
    training_seconds_a_pair: float | None
    """Training by accepted pairs that the coach drafted."""
    costs: counting.Costs
    waiting: dict[Arm, counting.Waiting]
    groups: Mapping[str, Sequence[GainGroup]]
    """By person, band, category, coach and week."""


def report(
    project: Project,
    wanted: counting.CellFilter,
    machine_hour: float = 0.0,
) -> GainReport:
    """`machine_hour`: hours of a person that an hour of the machine costs."""
    cells = counting.cells(project, wanted)
    costs = counting.costs(project)
    strata = estimate.WEEKS if wanted.coach else estimate.STRATA
    least = 1 if wanted.person else estimate.LEAST_PEOPLE
    every = [with_quality(cell) for cell in cells]
    training = _training_a_pair(project, cells, wanted, costs)
    machine = None
    if costs.seconds_a_pair is not None:
        machine = costs.seconds_a_pair + (training or 0.0)
    priced = None
    if machine is not None and machine_hour > 0:
        added = [with_machine(cell, machine * machine_hour) for cell in every]
        priced = estimate.estimate(added, strata, least)
    return GainReport(
        gain=estimate.estimate(cells, strata, least),
        with_quality=estimate.estimate(every, strata, least),
        with_machine=priced,
        machine_seconds=machine,
        training_seconds_a_pair=training,
        costs=costs,
        waiting=counting.waiting(project),
        groups=groups(cells, least),
    )


def _training_a_pair(
    project: Project,
    cells: Sequence[GainCell],
    wanted: counting.CellFilter,
    costs: counting.Costs,
) -> float | None:
    """All training by all accepted coached pairs, whatever is filtered."""
    if wanted != counting.CellFilter():
        cells = counting.cells(project)
    accepted = sum(cell.accepted for cell in cells if cell.arm == Arm.COACHED)
    return costs.training_seconds / accepted if accepted else None


def groups(
    cells: Sequence[GainCell], least: int = estimate.LEAST_PEOPLE
) -> dict[str, list[GainGroup]]:
    """The parts, each in a fixed order; one person's number needs one person."""
    names = counting.names(cells)
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
    cells: Sequence[GainCell],
    key: Callable[[GainCell], Hashable],
    label: Callable[[Hashable], object],
    least: int,
) -> list[GainGroup]:
    parts: dict[Hashable, list[GainCell]] = {}
    for cell in cells:
        parts.setdefault(key(cell), []).append(cell)
    return [
        GainGroup(
            part, str(label(part) or part), estimate.estimate(mine, least_people=least)
        )
        for part, mine in parts.items()
    ]


def _named(names: Mapping[int, str]) -> Callable[[Hashable], object]:
    return lambda key: names.get(key) if isinstance(key, int) else None


def _coaches(
    cells: Sequence[GainCell], names: counting.Names, least: int
) -> list[GainGroup]:
    """Each coach against the control pairs of the weeks in which it drafted."""
    control = [cell for cell in cells if cell.arm == Arm.CONTROL]
    found = []
    for coach in sorted(names.coaches):
        mine = [cell for cell in cells if cell.coach == coach]
        gain = estimate.estimate([*control, *mine], estimate.WEEKS, least)
        found.append(GainGroup(coach, names.coaches[coach], gain))
    return found
