"""What a coach is worth on held-out pairs: figures with bootstrap intervals."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.chrf import CHRF

from revision_engine import prompts
from revision_engine.postprocess import has_loop, parse
from revision_engine.types import PairText
from training.examples import edit_distance

RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value, with its 95 % interval over pairs."""

    name: str
    side: str
    """`raw`, `coach`, or empty where the figure compares the two."""
    value: float
    low: float
    high: float
    unit: str
    n: int
    """How many pairs it was measured on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One held-out pair: raw, draft and expert compared."""

    raw: str
    draft: str
    expert: str
    problem: str
    parseable: bool
    loop: bool
    chrf_raw: float
    chrf_draft: float
    distance_raw: int
    distance_draft: int


def as_text(pair: PairText) -> str:
    """The three fields as one text, as coaches are trained to write them."""
    return prompts.by_version(prompts.DEFAULT).target(pair)


def measure(
    raw: PairText, draft: PairText, expert: PairText, *, problem: str, output: str
) -> Measured:
    """Compare one draft with the expert's text, beside the raw pair.

    `draft` is what an annotator would be shown: the raw pair if there is a problem.
    """
    chrf = CHRF()
    texts = [as_text(pair) for pair in (raw, draft, expert)]
    found = parse(output)
    return Measured(
        raw=texts[0],
        draft=texts[1],
        expert=texts[2],
        problem=problem,
        parseable=bool(found and found.instruction and found.response),
        loop=has_loop(output),
        chrf_raw=chrf.sentence_score(texts[0], [texts[2]]).score,
        chrf_draft=chrf.sentence_score(texts[1], [texts[2]]).score,
        distance_raw=edit_distance(raw, expert),
        distance_draft=edit_distance(draft, expert),
    )


Rows = Sequence[Measured]
Pick = Callable[[Measured], float]


def _one(row: Measured) -> float:
    return 1


def _saved(row: Measured) -> float:
    """Edits that the better of raw pair and draft spares the expert."""
    return row.distance_raw - min(row.distance_raw, row.distance_draft)


# Each figure is a sum over pairs by another: name, side, unit, above, below.
FIGURES: tuple[tuple[str, str, str, Pick, Pick], ...] = (
    ("parseable", "coach", "share of drafts", lambda r: r.parseable, _one),
    ("usable", "coach", "share of drafts", lambda r: not r.problem, _one),
    ("unchanged", "coach", "share of drafts", lambda r: r.draft == r.raw, _one),
    ("loop", "coach", "share of drafts", lambda r: r.loop, _one),
    ("chrF of a pair", "raw", "0 to 100", lambda r: r.chrf_raw, _one),
    ("chrF of a pair", "coach", "0 to 100", lambda r: r.chrf_draft, _one),
    ("edit distance", "raw", "characters", lambda r: r.distance_raw, _one),
    ("edit distance", "coach", "characters", lambda r: r.distance_draft, _one),
    (
        "edit distance ratio",
        "",
        "coach / raw",
        lambda r: r.distance_draft,
        lambda r: r.distance_raw,
    ),
    (
        "nearer than raw",
        "",
        "share of drafts",
        lambda r: r.distance_draft < r.distance_raw,
        _one,
    ),
    (
        "effort saved",
        "",
        "share of raw edit distance",
        _saved,
        lambda r: r.distance_raw,
    ),
    (
        "length ratio",
        "raw",
        "raw / expert characters",
        lambda r: len(r.raw),
        lambda r: len(r.expert),
    ),
    (
        "length ratio",
        "coach",
        "draft / expert characters",
        lambda r: len(r.draft),
        lambda r: len(r.expert),
    ),
)


def figures(rows: Rows, seed: int = 17) -> list[Figure]:
    """Every figure with its 95 % bootstrap interval; [] without rows."""
    if not rows:
        return []
    chance = np.random.default_rng(seed)
    samples = chance.integers(0, len(rows), (RESAMPLES, len(rows)))
    made = [_figure(rows, samples, *figure) for figure in FIGURES]
    return [
        _corpus_chrf("raw", [row.raw for row in rows], rows),
        _corpus_chrf("coach", [row.draft for row in rows], rows),
        *made,
    ]


def _figure(
    rows: Rows,
    samples: NDArray[np.int64],
    name: str,
    side: str,
    unit: str,
    above: Pick,
    below: Pick,
) -> Figure:
    tops = np.array([float(above(row)) for row in rows])
    bottoms = np.array([float(below(row)) for row in rows])
    # Experts who changed nothing leave nothing to divide by, or to save.
    values = tops[samples].sum(1) / np.maximum(bottoms[samples].sum(1), 1)
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(
        name=name,
        side=side,
        value=float(tops.sum() / max(bottoms.sum(), 1)),
        low=float(low),
        high=float(high),
        unit=unit,
        n=len(rows),
    )


def _corpus_chrf(side: str, texts: list[str], rows: Rows) -> Figure:
    """chrF over all pairs as one text; sacrebleu's own bootstrap (its seed: 12345)."""
    wanted = [[row.expert for row in rows]]
    score = CHRF().corpus_score(texts, wanted, n_bootstrap=RESAMPLES)
    report = json.loads(score.format(width=6, is_json=True, signature="chrF:2"))
    # Nothing in common at all has no spread, and sacrebleu then leaves it out.
    mean = report.get("confidence_mean", score.score)
    half = report.get("confidence_var", 0.0)
    return Figure(
        name="chrF",
        side=side,
        value=float(score.score),
        low=max(0.0, min(score.score, mean - half)),
        high=min(100.0, max(score.score, mean + half)),
        unit="0 to 100",
        n=len(rows),
    )
