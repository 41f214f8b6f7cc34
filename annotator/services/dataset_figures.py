"""Everything that is counted of a dataset before and after revision, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from annotator.domain.intervals import wilson
from annotator.domain.tokens import word_count
from annotator.formats.rules.language import language_of
from annotator.formats.rules.repeats import LEAST_ALIKE, repeats
from annotator.formats.two_sided import TwoSides
from annotator.services.rating import Panel
from revision_engine.types import PairText
from training.evaluation import lengths, ratings
from training.evaluation.diversity import distinct, openings, self_bleu, spread
from training.evaluation.diversity.hashed import Embed
from training.evaluation.diversity.words import cut_alike
from training.evaluation.paired import Numbers
from training.examples import FIELDS, edit_distance

Json = dict[str, Any]
UNKNOWN = "?"
"""A text that is short, or in no language for sure."""
SIDES = ("raw", "revised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the figures are counted with."""

    embed: Embed
    embedding: str
    """What the embedding is called."""
    seed: int
    threshold: float


Tell = Callable[[], None]
"""Called between figures; what it raises ends the counting."""


def asked(pair: PairText) -> str:
    """What the pair asks: instruction and input."""
    return f"{pair.instruction}\n{pair.input}".strip()


def response(pair: PairText) -> str:
    return pair.response


PARTS: dict[str, Callable[[PairText], str]] = {
    "instruction": asked,
    "response": response,
}
"""What is measured of a pair, each for itself."""


def figures(pairs: Sequence[TwoSides], how: Counted, tell: Tell) -> Json:
    """All figures but ratings, section by section."""
    steps: dict[str, Callable[[], Any]] = {
        "changed": lambda: changed(pairs),
        "lengths": lambda: _lengths(pairs, how.seed, tell),
        "languages": lambda: _languages(pairs, tell),
        "repeats": lambda: _repeats(pairs, tell),
        "diversity": lambda: _diversity(pairs, how, tell),
        "openings": lambda: {
            side: asdict(
                openings.map_of(getattr(pair, side).instruction for pair in pairs)
            )
            for side in SIDES
        },
    }
    found = {}
    for name, count in steps.items():
        found[name] = count()
        tell()
    return found


def _both(
    pairs: Sequence[TwoSides], part: Callable[[PairText], str]
) -> tuple[list[str], list[str]]:
    return [part(pair.raw) for pair in pairs], [part(pair.revised) for pair in pairs]


def changed(pairs: Sequence[TwoSides]) -> Json:
    """Shares of pairs whose text differs, by field, and how far they were changed."""
    found = {"pair": _share(sum(pair.raw != pair.revised for pair in pairs), pairs)}
    for name in FIELDS:
        differ = sum(
            getattr(pair.raw, name) != getattr(pair.revised, name) for pair in pairs
        )
        found[name] = _share(differ, pairs)
    distances = [edit_distance(pair.raw, pair.revised) for pair in pairs]
    values = np.array(distances, dtype=float)
    return {
        "shares": found,
        "distance": {
            "mean": float(values.mean()),
            **asdict(lengths.quartiles(values)),
        },
    }


def _share(count: int, of: Sequence[object]) -> Json:
    low, high = wilson(count, len(of))
    share = count / len(of)
    return {
        "count": count,
        "of": len(of),
        "value": share,
        "low": min(low, share),
        "high": max(high, share),
    }


def _lengths(pairs: Sequence[TwoSides], seed: int, tell: Tell) -> Json:
    made = {}
    for name, part in PARTS.items():
        raw, revised = _both(pairs, part)
        made[name] = {
            unit: asdict(
                lengths.compare(
                    list(map(count, raw)), list(map(count, revised)), seed=seed
                )
            )
            for unit, count in (("characters", len), ("words", word_count))
        }
        tell()
    return made


def _languages(pairs: Sequence[TwoSides], tell: Tell) -> Json:
    """Texts in each language, and pairs whose part is in another one than before."""
    made = {}
    for name, part in PARTS.items():
        told: dict[str, str] = {}
        sides = []
        for texts in _both(pairs, part):
            found = []
            for place, text in enumerate(texts):
                if text not in told:
                    told[text] = language_of(text) or UNKNOWN
                found.append(told[text])
                if place % 2_000 == 0:
                    tell()
            sides.append(found)
        moved = sum(
            one != other and UNKNOWN not in (one, other)
            for one, other in zip(*sides, strict=True)
        )
        counts = {
            side: dict(Counter(found).most_common())
            for side, found in zip(SIDES, sides, strict=True)
        }
        made[name] = {**counts, "moved": moved}
    return made


def _repeats(pairs: Sequence[TwoSides], tell: Tell) -> Json:
    made: Json = {"least_alike": LEAST_ALIKE}
    for name, whole in (("pair", True), ("instruction", False)):
        made[name] = {
            side: asdict(
                repeats([getattr(pair, side) for pair in pairs], with_response=whole)
            )
            for side in SIDES
        }
        tell()
    return made


def _diversity(pairs: Sequence[TwoSides], how: Counted, tell: Tell) -> Json:
    made: Json = {"embedding": how.embedding}
    for name, part in PARTS.items():
        raw, revised = _both(pairs, part)
        found = [asdict(n) for n in distinct.compare(raw, revised, seed=how.seed)]
        tell()
        both = [cut_alike(*each) for each in zip(raw, revised, strict=True)]
        cut = [one for one, _ in both], [other for _, other in both]
        made[name] = {
            "distinct": found,
            "all": _apart(raw, revised, how, tell),
            "cut": _apart(*cut, how, tell),
        }
    return made


def _apart(
    raw: Sequence[str], revised: Sequence[str], how: Counted, tell: Tell
) -> Json:
    """Figures of texts beside each other; those that cannot be told are left out."""
    found: Json = {}
    if bleu := self_bleu.compare(raw, revised, seed=how.seed):
        found["self_bleu"] = {**asdict(bleu[0]), "texts": bleu[1]}
    tell()
    if apart := spread.compare(raw, revised, how.embed, seed=how.seed):
        found["spread"] = asdict(apart)
    tell()
    return found


def rated(pairs: Sequence[TwoSides], panels: Sequence[Panel], how: Counted) -> Json:
    """What each judge says, and where they see the same direction."""
    return {
        "judges": [_of_judge(pairs, panel, how) for panel in panels],
        "agreement": [
            _agreement(one, other)
            for place, one in enumerate(panels)
            for other in panels[place + 1 :]
        ],
    }


def _of_judge(pairs: Sequence[TwoSides], panel: Panel, how: Counted) -> Json:
    said = zip(pairs, _numbers(panel), panel.seen, strict=True)
    both = [each for each in said if not np.isnan(each[1]).any()]
    found: Json = {
        "judge": panel.name,
        "version": panel.version,
        "papers": panel.papers,
        "pairs": len(both),
        "seen": sum(seen for *_, seen in both),
        "problems": dict(panel.problems.most_common(20)),
    }
    if not both:
        return found
    counted = ratings.compare(
        [numbers[0] for _, numbers, _ in both],
        [numbers[1] for _, numbers, _ in both],
        [pair.category for pair, *_ in both],
        [(len(pair.raw.response), len(pair.revised.response)) for pair, *_ in both],
        seen=[seen for *_, seen in both],
        threshold=how.threshold,
        seed=how.seed,
    )
    return found | asdict(counted)


def _numbers(panel: Panel) -> Numbers:
    """Both ratings of each pair; NaN where the judge gave none."""
    rows = [
        [
            np.nan if side.rating is None else side.rating
            for side in (one.raw, one.revised)
        ]
        for one in panel.pairs
    ]
    return np.array(rows, dtype=float)


def changes(panel: Panel) -> Numbers:
    """By how much each pair's rating rose; NaN where one is missing."""
    found = _numbers(panel)
    rises: Numbers = found[:, 1] - found[:, 0]
    return rises


def _agreement(one: Panel, other: Panel) -> Json:
    first, second = changes(one), changes(other)
    both = np.isfinite(first) & np.isfinite(second)
    same, of = ratings.same_direction(first[both], second[both])
    return {
        "judges": [one.name, other.name],
        "pairs": int(both.sum()),
        "same_direction": _share(same, range(of)) if of else None,
        "correlation": ratings.rank_correlation(first[both], second[both])
        if both.any()
        else None,
    }
