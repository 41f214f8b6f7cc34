"""The figures of an evaluation: what is added up over pairs, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from training.evaluation.bootstrap import Numbers
from training.evaluation.figures import AGAINST_RAW, COACH, EFFORT_SAVED, RAW
from training.evaluation.measuring import Measured, Reading

BETA = 2
"""chrF weighs recall twice as much as precision."""
LOSS = "held-out loss"

Columns = Callable[[Measured, Reading], Sequence[float]]


def ratio(sums: Numbers) -> Numbers:
    """The first column by the second; NaN where there is nothing to divide by."""
    above, below = sums[..., 0], sums[..., 1]
    made = np.full(above.shape, np.nan)
    np.divide(above, below, out=made, where=below > 0)
    return made


def chrf(counts: Numbers) -> Numbers:
    """chrF of added-up n-gram counts (see measuring.chrf_counts), as sacrebleu's."""
    mine, theirs, both = counts[..., 0::3], counts[..., 1::3], counts[..., 2::3]
    counted = (mine > 0) & (theirs > 0)
    orders = np.maximum(counted.sum(-1), 1)
    precision = (counted * both / np.maximum(mine, 1)).sum(-1) / orders
    recall = (counted * both / np.maximum(theirs, 1)).sum(-1) / orders
    below = BETA**2 * precision + recall
    above = 100 * (1 + BETA**2) * precision * recall
    made = np.zeros(below.shape)
    np.divide(above, below, out=made, where=below > 0)
    return made


class Definition(NamedTuple):
    """A figure: a function of columns that are added up over pairs."""

    name: str
    sides: tuple[str, ...]
    unit: str
    columns: Columns
    value: Callable[[Numbers], Numbers] = ratio


def _saved(row: Measured, text: Reading) -> float:
    """Edits that the better of raw pair and draft spares the expert."""
    return row.raw.distance - min(row.raw.distance, text.distance)


def _left_alone(row: Measured, text: Reading) -> Sequence[float]:
    """Of the pairs that the person left as they were; the others do not count."""
    good = row.raw.distance == 0
    return (text.text == row.raw.text, 1) if good else (np.nan, np.nan)


def _loss(row: Measured, text: Reading) -> Sequence[float]:
    return (np.nan, np.nan) if row.loss is None else (row.loss, row.tokens)


OF_TEXT = (RAW, COACH)
OF_DRAFT = (COACH,)
COMPARED = (AGAINST_RAW,)

FIGURES = (
    Definition("chrF", OF_TEXT, "0 to 100", lambda r, t: t.chrf, chrf),
    Definition(
        "chrF of a pair",
        OF_TEXT,
        "0 to 100",
        lambda r, t: (float(chrf(np.array(t.chrf))), 1),
    ),
    Definition("ROUGE-L", OF_TEXT, "0 to 100", lambda r, t: (t.rouge_l, 1)),
    Definition("edit distance", OF_TEXT, "characters", lambda r, t: (t.distance, 1)),
    Definition(
        "length ratio",
        OF_TEXT,
        "of the expert's characters",
        lambda r, t: (len(t.text), len(r.expert)),
    ),
    Definition(
        "repetition", OF_TEXT, "share of word 4-grams", lambda r, t: (t.repetition, 1)
    ),
    Definition("parseable", OF_DRAFT, "share of drafts", lambda r, t: (r.parseable, 1)),
    Definition("usable", OF_DRAFT, "share of drafts", lambda r, t: (not r.problem, 1)),
    Definition(
        "unchanged",
        OF_DRAFT,
        "share of drafts",
        lambda r, t: (t.text == r.raw.text, 1),
    ),
    Definition("left alone", OF_DRAFT, "share of good pairs", _left_alone),
    Definition("loop", OF_DRAFT, "share of drafts", lambda r, t: (r.loop, 1)),
    Definition(LOSS, OF_DRAFT, "nats a target token", _loss),
    Definition(
        "edit distance ratio",
        COMPARED,
        "coach / raw",
        lambda r, t: (t.distance, r.raw.distance),
    ),
    Definition(
        "nearer than raw",
        COMPARED,
        "share of drafts",
        lambda r, t: (t.distance < r.raw.distance, 1),
    ),
    Definition(
        EFFORT_SAVED,
        COMPARED,
        "share of raw edit distance",
        lambda r, t: (_saved(r, t), r.raw.distance),
    ),
)
