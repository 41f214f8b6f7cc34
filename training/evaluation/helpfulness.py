"""Does this draft save work over the raw pair? An estimate that says how good it is.

A coach of 135 million parameters helps with some pairs and harms others. Which, can be
told in part from what is there before anybody reads the draft: how long, how much
changed, how sure the coach was. `estimate` fits that on drafts whose pair a person has
brought to an end, and `Estimate.probability` tells it of a new draft.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import log, log1p, sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from revision_engine.types import PairText
from training.evaluation import logistic
from training.evaluation.logistic import Logistic, Numbers, Rows
from training.examples import FIELDS, edit_distance

FEWEST = 60
"""Changed drafts, and a tenth of them of the rarer kind, before anything is said."""
VERSION = 2
"""Of the features: an estimate of another version says nothing."""
CHANCE = 0.5
BINS = 5
RESAMPLES = 400
SEED = 17
LIST_LINE = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.)、])\s*", re.MULTILINE)
SENTENCE_END = re.compile(r"[.!?。！？…]+(?:\s|$)|[。！？]")
FEATURES = (
    *("instruction length", "input length", "response length"),
    *("response growth", "instruction growth"),
    *("changed characters", "changed share", "kept share"),
    *("instruction changed", "input changed"),
    *("sentences", "list in raw", "list in draft"),
    *("ends whole in raw", "ends whole in draft"),
    *("mean log-probability", "log-probability unknown"),
    *("response added", "response removed"),
    *("response lines", "length of the drafted response"),
)


class Origin(StrEnum):
    """Where a finished draft comes from."""

    HELD_OUT = "held_out"
    """The coach's own, of a pair whose final text nobody wrote from it."""
    REVIEWED = "reviewed"
    """The coach's own: the person worked from it, or beside it."""
    CROSS_FITTED = "cross_fitted"
    """Of a pair that the coach has learned, by another one, which had learned the other
    parts of its run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A draft, told by its features, and what a person made of its pair."""

    key: str
    """Of the pair: drafts of one pair are never on both sides of a test."""
    origin: Origin
    features: tuple[float, ...] | None
    """None: the draft changes nothing."""
    distance_raw: int
    """Characters from raw pair to final text."""
    distance_draft: int
    """From draft to final text."""
    probability: float | None = None
    """That it helps, by a fit that never saw the pair; None of what is not judged by,
    and of a draft that changes nothing."""

    @property
    def helps(self) -> bool:
        """Whether there is less to write from the draft than from the raw pair."""
        return self.distance_draft < self.distance_raw

    @property
    def is_own(self) -> bool:
        """The very coach's, of a pair that it had not learned."""
        return self.origin != Origin.CROSS_FITTED

    @property
    def stake(self) -> float:
        """How much it counts in the fit: by the root of the characters at stake, so
        that a draft that costs a page is not taken for one that costs a word."""
        return sqrt(1 + abs(self.distance_draft - self.distance_raw))


def example(
    *,
    key: str,
    origin: Origin,
    raw: PairText,
    draft: PairText,
    final: PairText,
    mean_logprob: float | None,
) -> Example:
    """A usable draft whose pair has its final text."""
    return Example(
        key=key,
        origin=origin,
        features=None if raw == draft else features(raw, draft, mean_logprob),
        distance_raw=edit_distance(raw, final),
        distance_draft=edit_distance(draft, final),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Drafts of like probability, and how many of them helped."""

    mean: float
    helped: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What tells whether a coach's draft helps, with its papers."""

    model: Logistic
    n: int
    """Changed drafts that it is judged by; it was fitted on them, too."""
    helped: int
    auc: float
    """On drafts of pairs that it had not seen; 0.5 is chance."""
    auc_low: float
    auc_high: float
    """95 %, bootstrap over pairs."""
    bins: Sequence[Bin]
    examples: Sequence[Example]
    """All drafts that it knows, unchanged ones too."""
    beside: int = 0
    """Changed drafts of other coaches that it was fitted on, and not judged by."""
    share: float = 0.0
    """How much one of those counts in the fit, next to one of the coach's own; found by
    cross-validation, in which 0 can win."""
    version: int = VERSION

    @property
    def is_trusted(self) -> bool:
        """Whether it surely tells more than chance; else every draft is shown."""
        return self.version == VERSION and self.auc_low > CHANCE

    @property
    def judged(self) -> Sequence[Example]:
        """The examples that its figures are counted from."""
        return _judges(self.examples)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(
            **{
                **values,
                "model": Logistic.from_dict(values["model"]),
                "bins": [Bin(**one) for one in values["bins"]],
                "examples": [_read(row) for row in values["examples"]],
            }
        )

    def as_dict(self) -> dict[str, Any]:
        rows = [
            (e.key, e.origin, e.probability, e.distance_raw, e.distance_draft)
            + ((e.features,) if e.features else (None,))
            for e in self.examples
        ]
        return asdict(replace(self, examples=())) | {"examples": rows}

    def probability(
        self, raw: PairText, draft: PairText, mean_logprob: float | None
    ) -> float | None:
        """That the draft saves work; None if it changes nothing."""
        if raw == draft:
            return None
        return self.told(features(raw, draft, mean_logprob))

    def told(self, numbers: Sequence[float]) -> float:
        """The probability of a draft with these features."""
        return float(self.model.probabilities(np.array([numbers]))[0])


def _read(row: Sequence[Any]) -> Example:
    key, origin, probability, distance_raw, distance_draft, numbers = row
    if isinstance(origin, bool):  # "is held out", in papers from before 2026-12
        origin = Origin.HELD_OUT if origin else Origin.REVIEWED
    return Example(
        key=key,
        origin=Origin(origin),
        features=None if numbers is None else tuple(numbers),
        distance_raw=distance_raw,
        distance_draft=distance_draft,
        probability=probability,
    )


def estimate(examples: Sequence[Example]) -> Estimate | None:
    """Fit on finished pairs; None if there are too few to say anything.

    Judged by the coach's own drafts alone, if there are enough: those of other coaches
    then only add to what is learned from.
    """
    judges = _judges(examples)
    changed = [each for each in judges if each.features]
    if not _is_enough(changed):
        return None
    counted = set(map(id, judges))
    others = [e for e in examples if e.features and id(e) not in counted]
    mean = sum(each.stake for each in changed) / len(changed)
    rows, beside = _rows(changed, mean), _rows(others, mean) if others else None
    keys, yes = [each.key for each in changed], rows.yes
    unseen, parts = logistic.unseen(rows, keys, beside)
    fitted, share = logistic.fit_best(rows, keys, beside)
    model, unseen = logistic.calibrated(fitted, unseen, yes)
    low, high = _auc_bounds(unseen, yes, parts, keys)
    told = iter(unseen.tolist())
    return Estimate(
        model=model,
        n=len(changed),
        helped=int(yes.sum()),
        auc=logistic.area(unseen, yes, parts),
        auc_low=low,
        auc_high=high,
        bins=_bins(unseen, yes),
        examples=[
            replace(
                each,
                probability=next(told)
                if each.features and id(each) in counted
                else None,
            )
            for each in examples
        ],
        beside=len(others),
        share=share,
    )


def _judges(examples: Sequence[Example]) -> Sequence[Example]:
    """The coach's own drafts, if there are enough to say anything; else all."""
    own = [each for each in examples if each.is_own]
    return own if _is_enough([each for each in own if each.features]) else examples


def _is_enough(changed: Sequence[Example]) -> bool:
    helped = sum(each.helps for each in changed)
    rarer = min(helped, len(changed) - helped)
    return len(changed) >= FEWEST and rarer >= FEWEST // 10


def _rows(changed: Sequence[Example], mean_stake: float) -> Rows:
    return Rows(
        np.array([each.features for each in changed]),
        np.array([float(each.helps) for each in changed]),
        np.array([each.stake / mean_stake for each in changed]),
    )


def features(
    raw: PairText, draft: PairText, mean_logprob: float | None
) -> tuple[float, ...]:
    """The numbers of FEATURES; lengths in characters, as logarithms."""
    sizes = {name: len(getattr(raw, name)) for name in FIELDS}
    whole = max(sum(sizes.values()), 1)
    edits = edit_distance(raw, draft)
    common = {
        name: LCSseq.similarity(getattr(raw, name), getattr(draft, name))
        for name in FIELDS
    }
    kept, stays = sum(common.values()), common["response"]
    lines = draft.response.count("\n") - raw.response.count("\n")
    return (
        *(log1p(sizes[name]) for name in FIELDS),
        _growth(raw.response, draft.response),
        _growth(raw.instruction, draft.instruction),
        log1p(edits),
        edits / whole,
        kept / whole,
        float(raw.instruction != draft.instruction),
        float(raw.input != draft.input),
        log1p(len(SENTENCE_END.findall(raw.response))),
        float(len(LIST_LINE.findall(raw.response)) > 1),
        float(len(LIST_LINE.findall(draft.response)) > 1),
        float(_ends_whole(raw.response)),
        float(_ends_whole(draft.response)),
        mean_logprob or 0.0,
        float(mean_logprob is None),
        log1p(len(draft.response) - stays),
        log1p(sizes["response"] - stays),
        float((lines > 0) - (lines < 0)),
        log1p(len(draft.response)),
    )


def _growth(before: str, after: str) -> float:
    return log((len(after) + 1) / (len(before) + 1))


def _ends_whole(text: str) -> bool:
    return text.rstrip("\"')]}*`”’」』 \n").endswith((".", "!", "?", "。", "！", "？"))


def _bins(probabilities: Numbers, yes: Numbers) -> list[Bin]:
    """As many drafts in each, from the least probable to the most."""
    order = np.argsort(probabilities, kind="stable")
    return [
        Bin(
            mean=float(probabilities[part].mean()),
            helped=int(yes[part].sum()),
            of=len(part),
        )
        for part in np.array_split(order, BINS)
    ]


def _auc_bounds(
    probabilities: Numbers, yes: Numbers, parts: NDArray[np.int64], keys: Sequence[str]
) -> tuple[float, float]:
    _, group = np.unique(np.array(keys, dtype=str), return_inverse=True)
    rows = [np.flatnonzero(group == number) for number in range(group.max() + 1)]
    chance = np.random.default_rng(SEED)
    found = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate(
            [rows[n] for n in chance.integers(0, len(rows), len(rows))]
        )
        found.append(logistic.area(probabilities[drawn], yes[drawn], parts[drawn]))
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return float(low), float(high)
