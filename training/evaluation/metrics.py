"""What a coach is worth on held-out pairs: figures with bootstrap intervals.

Every figure is counted from sums over pairs, so that it can be counted again from the
samples of a report (`recount`). A figure that is undefined (no pair had anything to
save, no loss is known) is left out: it is not 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from revision_engine.types import PairText
from training.evaluation import bootstrap
from training.evaluation.bootstrap import Numbers
from training.evaluation.definitions import FIGURES, LOSS, Definition
from training.evaluation.figures import (
    BETTER,
    CURRENT,
    DIFFERENCE,
    EFFORT_SAVED,
    RAW,
    Figure,
)
from training.evaluation.measuring import Measured, as_text, read

CATEGORY_PAIRS = 10
"""A category with fewer pairs is pooled with the others of its kind."""
OTHER = "other"
DECISIVE = (EFFORT_SAVED, "nearer than raw", "edit distance", "usable")
"""Those that are also counted for each category."""

Rows = Sequence[Measured]


def figures(
    rows: Rows, current: Rows = (), resamples: int = bootstrap.RESAMPLES
) -> list[Figure]:
    """Every figure of the new coach's rows with its 95 % interval; [] without rows.

    `current` are the active coach's rows of the same pairs in the same order: then
    there are its figures and the paired differences, too. Categories come last.
    """
    made = list(_figures(FIGURES, rows, current, "", resamples))
    decisive = [figure for figure in FIGURES if figure.name in DECISIVE]
    for name, places in _categories(rows).items():
        mine = [rows[place] for place in places]
        theirs = [current[place] for place in places] if current else ()
        made += _figures(decisive, mine, theirs, name, resamples)
    return made


def recount(samples: Sequence[dict[str, Any]]) -> list[Figure]:
    """The figures of a report's samples (see held_out)."""
    rows = list(map(measured, samples))
    theirs = [
        measured({**sample, **sample["current"]})
        for sample in samples
        if "current" in sample
    ]
    return figures(rows, theirs)


def measured(sample: dict[str, Any]) -> Measured:
    """One sample of a report, measured."""
    raw, draft, expert = (
        PairText(**sample[name]) for name in ("raw", "draft", "expert")
    )
    names = ("problem", "parseable", "loop", "loss", "tokens", "category")
    return Measured(
        raw=read(raw, expert),
        draft=read(draft, expert),
        expert=as_text(expert),
        **{name: sample[name] for name in names},
    )


def _categories(rows: Rows) -> dict[str, list[int]]:
    """Where the pairs of each category are; {} if that would be all in one."""
    sizes = Counter(row.category for row in rows)
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        large = row.category and sizes[row.category] >= CATEGORY_PAIRS
        places.setdefault(row.category if large else OTHER, []).append(place)
    if set(places) <= {OTHER}:
        return {}
    return dict(sorted(places.items(), key=lambda item: (item[0] == OTHER, item[0])))


@dataclass(frozen=True, slots=True)
class Counting:
    """One set of pairs, resampled the same way for every figure and side."""

    draws: Numbers
    category: str

    def values(self, figure: Definition, columns: Numbers) -> Numbers:
        return figure.value(self.draws @ np.nan_to_num(columns))

    def figure(
        self, figure: Definition, side: str, values: Numbers, columns: Numbers
    ) -> Iterator[Figure]:
        """The figure, or none if its value is undefined."""
        if found := bootstrap.interval(values):
            yield Figure(
                name=figure.name,
                side=side,
                category=self.category,
                value=found[0],
                low=found[1],
                high=found[2],
                unit=figure.unit,
                n=int(np.isfinite(columns[:, 0]).sum()),
            )


def _figures(
    chosen: Sequence[Definition],
    rows: Rows,
    current: Rows,
    category: str,
    resamples: int,
) -> Iterator[Figure]:
    if not rows:
        return
    counting = Counting(bootstrap.draws(len(rows), resamples), category)
    for figure in chosen:
        mine, theirs = _columns(figure, rows), _columns(figure, current)
        sides = [(figure.sides[-1], mine)]
        if RAW in figure.sides:
            sides.insert(0, (RAW, _columns(figure, rows, raw=True)))
        if current:
            sides.append((CURRENT, theirs))
        for side, columns in sides:
            values = counting.values(figure, columns)
            yield from counting.figure(figure, side, values, columns)
        if current:
            yield from _differences(counting, figure, mine, theirs)


def _columns(figure: Definition, rows: Rows, *, raw: bool = False) -> Numbers:
    """One line a pair; NaN where the pair was not measured."""
    lines = [figure.columns(row, row.raw if raw else row.draft) for row in rows]
    return np.array(lines, dtype=float)


def _differences(
    counting: Counting, figure: Definition, mine: Numbers, theirs: Numbers
) -> Iterator[Figure]:
    """Coach less current, on the pairs that both were measured on."""
    both = np.isfinite(mine + theirs).all(axis=1, keepdims=True)
    mine, theirs = np.where(both, mine, np.nan), np.where(both, theirs, np.nan)
    if figure.name == LOSS and _other_tokens(mine, theirs):
        return
    values = counting.values(figure, mine) - counting.values(figure, theirs)
    yield from counting.figure(figure, DIFFERENCE, values, mine)
    decides = figure.name == EFFORT_SAVED and not counting.category
    if decides and np.isfinite(values[0]):
        yield _confidence(mine[:, 0] - theirs[:, 0])


def _other_tokens(mine: Numbers, theirs: Numbers) -> bool:
    """Whether two coaches cut texts differently: then nats a token do not compare."""
    return not np.array_equal(np.nan_to_num(mine[:, 1]), np.nan_to_num(theirs[:, 1]))


def _confidence(gains: Numbers) -> Figure:
    sure = bootstrap.confidence(gains)
    return Figure(
        name=BETTER,
        side=DIFFERENCE,
        value=sure,
        low=sure,
        high=sure,
        unit="confidence, one-sided",
        n=len(gains),
    )
