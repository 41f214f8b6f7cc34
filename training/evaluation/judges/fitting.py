"""Fit a preference model on revisions, and test it on what it has not seen.

Experts mostly write more, so that a fit would learn that longer is better. Weights keep
it from that as far as they can: among revisions that changed the length of the response
about as much, those that made it shorter count up to MOST_TIMES as often.

Each revised text also counts as better than its damaged forms (damages.py), a little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from revision_engine.types import PairText
from training.evaluation import bootstrap, logistic
from training.evaluation.judges import form
from training.evaluation.judges.damages import DAMAGES
from training.evaluation.judges.people import (
    FEWEST_MATCHED,
    gain,
    mean,
    of_like_length,
)
from training.evaluation.judges.preference_model import (
    Accuracy,
    Papers,
    PreferenceModel,
    UnfitModel,
)
from training.evaluation.logistic import Numbers, Rows
from training.examples import RevisionExample, edit_distance, fingerprint, is_held_out
from training.manifest import PRINT_CHARS

FEWEST, FEWEST_HELD_OUT = 200, 5
"""Revisions that it takes; of these FEWEST_MATCHED of like length, to test by."""
HELD_OUT = 0.1
"""The share that no fit sees: the pairs that are held out from coaches, too."""
STEP, CLASSES = 0.25, 5
"""Classes of change in length: by the log of the ratio of the responses."""
MOST_TIMES = 5.0
RAW = "raw"
DAMAGE_TIMES = {"off topic": 0.1, "broken off": 0.05, "looping": 0.05}
"""How often a damaged form counts, beside the raw text: as little as teaches it."""
QUANTILES = 101
ALL, LIKE, SHORTER = "all", "of like length", "made shorter"
OUT, LIKE_OUT = "held out", "of like length, held out"
SLICES = (ALL, OUT, LIKE, LIKE_OUT, SHORTER)
"""Of the revisions; beside them DAMAGES, each over all revised texts."""
THIS, BARE, LONGER = "this", "without layout", "longer is better"
EVERY = tuple(range(len(form.FEATURES)))
PLAIN = tuple(at for at in EVERY if form.FEATURES[at] not in form.LAYOUT)
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Revisions:
    """Features of the texts, and which revisions are held out."""

    after: Numbers
    worse: Mapping[str, Numbers]
    """Of each revision the raw text (RAW) and the damaged forms (DAMAGES)."""
    prints: Sequence[str]
    out: Flags

    def gains(self, worse: str = RAW) -> Numbers:
        return self.after - self.worse[worse]

    @property
    def growth(self) -> Numbers:
        """Log of how many times as long the response became."""
        return self.longer(RAW)

    def longer(self, worse: str) -> Numbers:
        grown: Numbers = self.gains(worse)[:, form.FEATURES.index("response length")]
        return grown


def fit(examples: Sequence[RevisionExample]) -> PreferenceModel:
    """UnfitModel if the revisions are too few, or too few of them of like length."""
    changed = [e for e in examples if edit_distance(e.raw, e.revised)]
    _check(len(changed), FEWEST, "revisions")
    told = read(changed)
    _check(int(told.out.sum()), FEWEST_HELD_OUT, "held-out revisions")
    matched = int(of_like_length(told.growth).sum())
    _check(matched, FEWEST_MATCHED, "revisions of like length")
    weights, ridge = _weights(told, EVERY, ~told.out)
    seen = np.vstack([told.worse[RAW][~told.out], told.after[~told.out]])
    scores = np.quantile(seen @ weights, np.linspace(0, 1, QUANTILES))
    return PreferenceModel(
        weights=tuple(weights.tolist()),
        middle=tuple(seen.mean(axis=0).tolist()),
        quantiles=tuple(scores.tolist()),
        papers=_papers(
            told,
            weights,
            revisions_sha256=_digest(changed),
            fitted_on=int((~told.out).sum()),
            held_out=int(told.out.sum()),
            unchanged=len(examples) - len(changed),
            held_out_share=HELD_OUT,
            seed=bootstrap.SEED,
            ridge=ridge,
            seen=tuple(sorted(_seen(told))),
        ),
    )


def _check(found: int, wanted: int, what: str) -> None:
    if found < wanted:
        raise UnfitModel(f"There are {found} {what}: it takes at least {wanted}.")


def _seen(told: Revisions) -> set[str]:
    rows = zip(told.prints, told.out, strict=True)
    return {each[:PRINT_CHARS] for each, is_out in rows if not is_out}


def read(examples: Sequence[RevisionExample]) -> Revisions:
    """Their features. What is held out lends its text to no damaged form of others."""
    examples = sorted(examples, key=lambda e: (_is_out(e), e.fingerprint))
    out = np.array([_is_out(each) for each in examples], bool)
    revised = [each.revised for each in examples]
    first_out = int((~out).sum())
    worse = {RAW: _features([each.raw for each in examples])}
    for name, damage in DAMAGES.items():
        damaged = [*damage(revised[:first_out]), *damage(revised[first_out:])]
        worse[name] = _features(damaged)
    prints = [each.fingerprint for each in examples]
    return Revisions(_features(revised), worse, prints, out)


def _is_out(example: RevisionExample) -> bool:
    return is_held_out(example.fingerprint, HELD_OUT)


def _features(pairs: Sequence[PairText]) -> Numbers:
    return np.array([form.features(pair) for pair in pairs])


def length_balance(growth: Numbers) -> Numbers:
    """How often each revision counts, so that its length says little; 1 on average.

    `growth` is the log of how many times as long the response became.
    """
    classes = np.minimum((np.abs(growth) / STEP).astype(int), CLASSES - 1)
    times = np.ones(len(growth))
    for number in range(CLASSES):
        longer = (classes == number) & (growth > 0)
        shorter = (classes == number) & (growth < 0)
        few, many = sorted([longer, shorter], key=np.count_nonzero)
        if few.any():
            times[few] = min(many.sum() / few.sum(), MOST_TIMES)
    balanced: Numbers = times / times.mean()
    return balanced


def _weights(
    told: Revisions, places: Sequence[int], rows: Flags, ridge: float | None = None
) -> tuple[Numbers, float]:
    """Of the features at `places`, by the revisions in `rows`; the others get 0.

    Each contest counts in both directions, so that there is no intercept. The ridge is
    chosen by cross-validation unless it is given.
    """
    kinds = [told.gains(worse)[rows][:, places] for worse in told.worse]
    gains = np.vstack(kinds)
    columns = np.vstack([gains, -gains])
    yes = np.repeat([1.0, 0.0], len(gains))
    times = np.tile(_times(told, rows), 2)
    if ridge is None:
        prints = np.array(told.prints, dtype=object)[rows].tolist()
        groups = prints * (2 * len(told.worse))
        found, _ = logistic.fit_best(Rows(columns, yes, times), groups)
    else:
        found = logistic.fit(columns, yes, ridge, times)
    weights = np.zeros(len(form.FEATURES))
    weights[list(places)] = np.array(found.weights) / np.array(found.scale)
    return weights, found.ridge


def _times(told: Revisions, rows: Flags) -> Numbers:
    count = int(rows.sum())
    damaged = [np.full(count, DAMAGE_TIMES[name]) for name in DAMAGES]
    return np.concatenate([length_balance(told.growth[rows]), *damaged])


def _margins(told: Revisions, places: Sequence[int]) -> dict[str, Numbers]:
    """By how much each revised text scores higher than its worse forms, by weights that
    never saw it."""
    weights, ridge = _weights(told, places, ~told.out)
    margins = {worse: told.gains(worse) @ weights for worse in told.worse}
    seen = np.flatnonzero(~told.out)
    prints = [told.prints[int(at)] for at in seen]
    parts = logistic.folds(prints, np.ones(len(seen)), logistic.FOLDS)
    for part in np.unique(parts):
        left = seen[parts == part]
        rows = ~told.out
        rows[left] = False
        weights, _ = _weights(told, places, rows, ridge)
        for worse, found in margins.items():
            found[left] = told.gains(worse)[left] @ weights
    return margins


def _papers(told: Revisions, weights: Numbers, **made: Any) -> Papers:
    margins = {
        THIS: _margins(told, EVERY),
        BARE: _margins(told, PLAIN),
        LONGER: {worse: told.longer(worse) for worse in told.worse},
    }
    right = {judge: _right(found[RAW]) for judge, found in margins.items()}
    like = of_like_length(told.growth)
    gained = gain(right[THIS][like], right[LONGER][like])
    scores = np.concatenate([told.worse[RAW][told.out], told.after[told.out]]) @ weights
    return Papers(
        accuracies=(*_accuracies(told, right), *_on_damages(margins)),
        gain=gained.value,
        gain_low=gained.low,
        gain_high=gained.high,
        apart=logistic.area(scores, np.repeat([0.0, 1.0], told.out.sum())),
        **made,
    )


def _accuracies(told: Revisions, right: dict[str, Numbers]) -> tuple[Accuracy, ...]:
    like = of_like_length(told.growth)
    chosen = (~np.zeros_like(like), told.out, like, like & told.out, told.growth < 0)
    found = []
    for pairs, rows in zip(SLICES, chosen, strict=True):
        for judge, each in right.items() if rows.any() else ():
            rate, n = mean(each[rows]), int(rows.sum())
            found.append(Accuracy(judge=judge, pairs=pairs, n=n, **asdict(rate)))
    return tuple(found)


def _on_damages(margins: dict[str, dict[str, Numbers]]) -> list[Accuracy]:
    return [
        Accuracy(judge=judge, pairs=name, n=len(right), **asdict(mean(right)))
        for name in DAMAGES
        for judge, found in margins.items()
        for right in [_right(found[name])]
    ]


def _right(margins: Numbers) -> Numbers:
    return (np.sign(margins) + 1) / 2


def _digest(examples: Sequence[RevisionExample]) -> str:
    lines = sorted(f"{fingerprint(e.raw)} {fingerprint(e.revised)}" for e in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
