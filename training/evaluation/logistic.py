"""Logistic regression with a ridge, judged on what it has not seen.

Small on purpose: some hundred examples of a dozen numbers, where a ridge that is chosen
by cross-validation does as well as anything larger, and fits in a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Tried for the penalty on the squared weights of standardised columns."""
FOLDS = 10
INNER_FOLDS = 5
STEPS = 25
ENOUGH = 1e-8
MOST = 30.0
"""Log-odds beyond this are cut: a probability of 1e-13 says all."""


SHARES = (0.0, 0.3, 1.0)
"""Tried for how much a row beside the others counts, next to one of them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a fit learns from: `columns` (rows, features), `yes` (rows,) of 0 and 1, and
    how often each row counts."""

    columns: Numbers
    yes: Numbers
    times: Numbers

    def __len__(self) -> int:
        return len(self.yes)

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        return Rows(self.columns[chosen], self.yes[chosen], self.times[chosen])

    def beside(self, others: Rows, share: float) -> Rows:
        """These rows and the others, each of which counts `share` as often."""
        if not share:
            return self
        return Rows(
            np.concatenate([self.columns, others.columns]),
            np.concatenate([self.yes, others.yes]),
            np.concatenate([self.times, share * others.times]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """P(yes) = 1 / (1 + exp(-(intercept + weights . (x - mean) / scale)))."""

    mean: Sequence[float]
    scale: Sequence[float]
    weights: Sequence[float]
    intercept: float
    ridge: float

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def probabilities(self, columns: Numbers) -> Numbers:
        """One for each row of `columns` (rows, features)."""
        plain = (columns - np.array(self.mean)) / np.array(self.scale)
        return _sigmoid(plain @ np.array(self.weights) + self.intercept)


def fit(
    columns: Numbers, yes: Numbers, ridge: float, times: Numbers | None = None
) -> Logistic:
    """By Newton's method. `columns` (rows, features), `yes` (rows,) of 0 and 1.

    The intercept is not penalised, so the mean of the probabilities is the share of
    yes. A column without spread gets weight 0. `times`: how often each row counts.
    """
    times = np.ones(len(yes)) if times is None else times
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    rows = np.column_stack([np.ones(len(columns)), (columns - mean) / scale])
    penalty = np.diag([1e-6, *[ridge] * columns.shape[1]])
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        p = _sigmoid(rows @ found)
        slope = rows.T @ (times * (yes - p)) - penalty @ found
        bend = (rows * (times * p * (1 - p))[:, None]).T @ rows + penalty
        step = np.linalg.solve(bend, slope)
        found = np.clip(found + step, -MOST, MOST)
        if np.abs(step).max() < ENOUGH:
            break
    return Logistic(
        mean=mean.tolist(),
        scale=scale.tolist(),
        weights=found[1:].tolist(),
        intercept=float(found[0]),
        ridge=ridge,
    )


def fit_best(
    rows: Rows, groups: Sequence[str], beside: Rows | None = None
) -> tuple[Logistic, float]:
    """With the ridge that foresees best what was left out, by log-likelihood, and the
    share of SHARES at which the rows `beside` these count; 0 without any.

    Rows of one group are left out together (see `folds`). What is beside is learned
    from and never foreseen: it cannot make the fit worse than it looks.
    """
    parts = folds(groups, rows.yes, INNER_FOLDS)
    shares = SHARES if beside is not None else SHARES[:1]
    tried = [(ridge, share) for share in shares for ridge in RIDGES]
    scores = [_score(rows, parts, beside, *each) for each in tried]
    ridge, share = tried[int(np.argmax(scores))]
    return _fit(rows, beside, ridge, share), share


def _fit(rows: Rows, beside: Rows | None, ridge: float, share: float) -> Logistic:
    whole = rows.beside(beside, share) if beside is not None else rows
    return fit(whole.columns, whole.yes, ridge, whole.times)


def calibrated(
    model: Logistic, unseen: Numbers, yes: Numbers
) -> tuple[Logistic, Numbers]:
    """The model, and probabilities that it gave to unseen rows, so that they are those
    of a yes (Platt 1999): their order stays, unless it is worse than chance.

    For a fit in which some rows counted more than others.
    """
    sure = np.clip(unseen, _sigmoid(np.array(-MOST)), _sigmoid(np.array(MOST)))
    odds = np.log(sure) - np.log1p(-sure)
    line = fit(odds[:, None], yes, 1e-3)
    steep = max(line.weights[0], 0.0) / line.scale[0]
    shift = line.intercept - steep * line.mean[0]
    told = replace(
        model,
        weights=[steep * weight for weight in model.weights],
        intercept=steep * model.intercept + shift,
    )
    return told, _sigmoid(steep * odds + shift)


def unseen(
    rows: Rows, groups: Sequence[str], beside: Rows | None = None
) -> tuple[Numbers, NDArray[np.int64]]:
    """For each row the probability by a fit, its ridge and share too, without its
    group; and the fold that it was left out with."""
    parts = folds(groups, rows.yes, FOLDS)
    names = np.array(groups, dtype=object)
    found = np.empty(len(rows))
    for part in np.unique(parts):
        out = parts == part
        seen, _ = fit_best(rows.where(~out), names[~out].tolist(), beside)
        found[out] = seen.probabilities(rows.columns[out])
    return found, parts


def folds(groups: Sequence[str], yes: Numbers, count: int) -> NDArray[np.int64]:
    """A fold for each row; the rows of a group share one.

    Each fold gets as many yes as the others: else the fits without it would expect the
    more of them the fewer it has, and a worthless estimate look worse than chance.
    """
    names, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    of_yes = np.bincount(place, weights=yes) / np.bincount(place)
    order = np.lexsort((names, of_yes))
    dealt = np.empty(len(names), dtype=np.int64)
    dealt[order] = np.arange(len(names)) % count
    return dealt[place]


def area(
    scores: Numbers, yes: Numbers, parts: NDArray[np.int64] | None = None
) -> float:
    """AUC: how often a yes has the higher score than a no; ties count half.

    With `parts` only rows of one part are compared: those of different folds were given
    their scores by different fits. NaN without both kinds.
    """
    if parts is None:
        parts = np.zeros(len(yes), dtype=np.int64)
    found = [
        _won(scores[parts == part], yes[parts == part]) for part in np.unique(parts)
    ]
    won, pairs = np.sum(found, axis=0)
    return float(won / pairs) if pairs else float("nan")


def _won(scores: Numbers, yes: Numbers) -> tuple[float, float]:
    """Of all pairs of a yes and a no: how many the yes wins, and how many there are."""
    values, place = np.unique(scores, return_inverse=True)
    of_yes = np.bincount(place, weights=yes, minlength=len(values))
    of_no = np.bincount(place, weights=1 - yes, minlength=len(values))
    below = np.concatenate([[0.0], np.cumsum(of_no)[:-1]])
    won = (of_yes * (below + of_no / 2)).sum()
    return float(won), float(of_yes.sum() * of_no.sum())


def _score(
    rows: Rows,
    parts: NDArray[np.int64],
    beside: Rows | None,
    ridge: float,
    share: float,
) -> float:
    total = 0.0
    for part in np.unique(parts):
        out = parts == part
        if out.all():
            return 0.0
        seen = _fit(rows.where(~out), beside, ridge, share)
        p, asked = seen.probabilities(rows.columns[out]), rows.where(out)
        logs = np.log(np.where(asked.yes > 0, p, 1 - p))
        total += float((asked.times * logs).sum())
    return total


def _sigmoid(odds: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-np.clip(odds, -MOST, MOST)))
