"""The figures of a study, with intervals over held-out pairs and seeds together.

All points of a study are resampled alike: so is a difference between two of them one on
the same pairs and seeds. A point that lacks a seed is counted from those that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from training.evaluation import bootstrap
from training.evaluation.bootstrap import Numbers
from training.evaluation.definitions import LOSS, ratio
from training.evaluation.figures import EFFORT_SAVED

Row = Mapping[str, Any]
"""One held-out pair of a cell (see measuring.row)."""


class StudyFigure(NamedTuple):
    """A share of two sums over pairs; None where the pair tells nothing."""

    name: str
    unit: str
    is_higher_better: bool | None
    part: Callable[[Row], float | None]
    whole: Callable[[Row], float]


FIGURES = (
    StudyFigure(
        name=EFFORT_SAVED,
        unit="share of raw edit distance",
        is_higher_better=True,
        part=lambda row: max(0, row["raw"] - row["draft"]),
        whole=lambda row: row["raw"],
    ),
    StudyFigure(
        name=LOSS,
        unit="nats a target token",
        is_higher_better=False,
        part=lambda row: row["loss"],
        whole=lambda row: row["tokens"],
    ),
    StudyFigure(
        name="nearer than raw",
        unit="share of drafts",
        is_higher_better=True,
        part=lambda row: row["draft"] < row["raw"],
        whole=lambda row: 1,
    ),
    StudyFigure(
        name="usable",
        unit="share of drafts",
        is_higher_better=True,
        part=lambda row: row["usable"],
        whole=lambda row: 1,
    ),
    StudyFigure(
        name="length ratio",
        unit="of the expert's characters",
        is_higher_better=None,
        part=lambda row: row["chars"],
        whole=lambda row: row["expert"],
    ),
    StudyFigure(
        name="repetition",
        unit="share of word 4-grams",
        is_higher_better=False,
        part=lambda row: row["repetition"],
        whole=lambda row: 1,
    ),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each pair and each seed counts in each resample; the first row counts
    each once."""

    keys: Mapping[str, int]
    seeds: Mapping[int, int]
    of_keys: Numbers
    of_seeds: Numbers

    @classmethod
    def over(cls, keys: Iterable[str], seeds: Iterable[int]) -> Draws:
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        columns = {seed: place for place, seed in enumerate(dict.fromkeys(seeds))}
        chance = np.random.default_rng(bootstrap.SEED)
        return cls(
            places,
            columns,
            _drawn(chance, len(places)),
            _drawn(chance, len(columns)),
        )

    def values(
        self, figure: StudyFigure, cells: Mapping[int, Sequence[Row]]
    ) -> Numbers:
        """Of one point, whose cells are told by their seeds: the figure in each
        resample; NaN where nothing was drawn that tells of it."""
        sums = np.zeros((len(self.of_keys), 2))
        for seed, rows in cells.items():
            told = [
                (self.keys[row["key"]], part, figure.whole(row))
                for row in rows
                if (part := figure.part(row)) is not None
            ]
            if told:
                places = [place for place, *_ in told]
                columns = np.array([each[1:] for each in told], float)
                mine = self.of_keys[:, places] @ columns
                sums += self.of_seeds[:, [self.seeds[seed]]] * mine
        return ratio(sums)


def _drawn(chance: np.random.Generator, size: int) -> Numbers:
    """One alone is not drawn."""
    if size < 2:
        return np.ones((bootstrap.RESAMPLES + 1, size))
    drawn = chance.multinomial(size, np.full(size, 1 / size), size=bootstrap.RESAMPLES)
    return np.vstack([np.ones(size), drawn])


def told(values: Numbers) -> dict[str, float] | None:
    """The value and its bounds; None where it is not defined."""
    found = bootstrap.interval(values)
    return dict(zip(("value", "low", "high"), found, strict=True)) if found else None
