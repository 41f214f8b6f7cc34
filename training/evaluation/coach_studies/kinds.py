"""The kinds of studies: what differs from coach to coach, and which coaches those are.

A kind is a function from the pairs and the order to cells. It is all that one kind has
of its own but for its words: training, measuring, figures and pages are the same.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from revision_engine.saying import gettext
from training.evaluation.coach_studies.grid import Planned, name_of
from training.examples import RevisionExample, most_revised
from training.manifest import PRINT_CHARS

ALPHAS = ("0.1", "0.3", "0.5", "0.7", "1")
LEAST_TRAIN = 10
"""Pairs that a coach of a study learns from."""
LEAST_HELD_OUT = 5
"""Pairs that a coach, or each slice, is measured on."""
MOST_SIZES = 6
MOST_SLICES = 6
MOST_GENERATIONS = 10
GENERATIONS = 3
ALL = "all"
"""The slice of all: as many pairs as any other, drawn from every one of them."""
EPOCHS = 2


class Unfit(ValueError):
    """A study cannot be made of these pairs; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a study is made of."""

    train: Sequence[RevisionExample]
    """Pairs that a coach may learn from, in an order that tells nothing."""
    held_out: Sequence[RevisionExample]
    values: Sequence[str]
    """Points of the axis; none: the usual ones."""
    seeds: Sequence[int]
    base_model: str
    base_models: Sequence[str] = ()
    """Those that a study of backbones compares, unless it names them."""
    config: dict[str, Any] = field(default_factory=dict)

    def cell(self, point: str, seed: int, **more: Any) -> Planned:
        told = {"base_model": self.base_model, **self.config, **more.pop("config", {})}
        usual = {"train": self.train, "held_out": self.held_out}
        return Planned(point=point, seed=seed, config=told, **{**usual, **more})


def drawn(examples: Sequence[RevisionExample]) -> list[RevisionExample]:
    """In an order by hash, each under its fingerprint: where it came from and when
    changes no figure, and so no digest."""
    bare = [
        replace(
            each,
            source_id=each.fingerprint[:PRINT_CHARS],
            revised_at=0.0,
            fixed=False,
            weight=1.0,
        )
        for each in examples
    ]
    return sorted(bare, key=lambda e: hashlib.sha256(e.source_id.encode()).digest())


def by_alpha(wanted: Wanted) -> Iterator[Planned]:
    """The paper's alpha: the share that people changed most."""
    shares = {share: _share(share) for share in wanted.values or ALPHAS}
    for seed in wanted.seeds:
        for point, share in sorted(shares.items(), key=lambda pair: pair[1]):
            chosen = most_revised(wanted.train, share)
            _check_size(point, chosen)
            yield wanted.cell(point, seed, train=chosen)


def _share(typed: str) -> float:
    try:
        share = float(typed)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise Unfit(
            gettext("values: a share is above 0 and at most 1, got %(value)r")
            % {"value": typed}
        )
    return share


def by_size(wanted: Wanted) -> Iterator[Planned]:
    """How many expert revisions are enough? Each part holds the smaller ones, another
    one for each seed."""
    sizes = _sizes(wanted)
    for seed in wanted.seeds:
        order = sorted(
            wanted.train,
            key=lambda e: hashlib.sha256(f"{seed}:{e.fingerprint}".encode()).digest(),
        )
        for size in sizes:
            yield wanted.cell(str(size), seed, train=order[:size])


def _sizes(wanted: Wanted) -> list[int]:
    there = len(wanted.train)
    if not wanted.values:
        halves = [there >> step for step in range(MOST_SIZES)]
        sizes = sorted(size for size in halves if size >= LEAST_TRAIN)
    else:
        sizes = sorted(_whole(typed) for typed in wanted.values)
    if unfit := [size for size in sizes if not LEAST_TRAIN <= size <= there]:
        raise Unfit(
            gettext(
                "values: a size is from %(least)d to %(there)d, the pairs there are; "
                "got %(size)d"
            )
            % {"least": LEAST_TRAIN, "there": there, "size": unfit[0]}
        )
    return sizes


def _whole(typed: str) -> int:
    if not typed.isdecimal():
        raise Unfit(
            gettext("values: a whole number is wanted, got %(value)r")
            % {"value": typed}
        )
    return int(typed)


def by_backbone(wanted: Wanted) -> Iterator[Planned]:
    """The same pairs, other base models; pace and memory are measured, too."""
    names = list(wanted.values or wanted.base_models)
    for seed in wanted.seeds:
        for name in names:
            config = {"base_model": name}
            yield wanted.cell(name, seed, config=config, is_timed=True)


def by_slice(wanted: Wanted) -> Iterator[Planned]:
    """Train on one slice (its `category`), measure on each: all learn from equally
    many pairs, so that the slice alone differs; so does one from all slices."""
    names = _slices(wanted)
    parts = {
        name: [example for example in wanted.train if example.category == name]
        for name in names
    }
    size = min(map(len, parts.values()))
    turns = [part[place] for place in range(size) for part in parts.values()]
    held_out = [example for example in wanted.held_out if example.category in names]
    for seed in wanted.seeds:
        for point, part in {**parts, ALL: turns}.items():
            yield wanted.cell(point, seed, train=part[:size], held_out=held_out)


def _slices(wanted: Wanted) -> list[str]:
    learned = Counter(example.category for example in wanted.train)
    measured = Counter(example.category for example in wanted.held_out)
    fit = [
        name
        for name, count in learned.most_common()
        if name and count >= LEAST_TRAIN and measured[name] >= LEAST_HELD_OUT
    ]
    names = list(wanted.values) or fit[:MOST_SLICES]
    if unfit := [name for name in names if name not in fit]:
        raise Unfit(
            gettext(
                "values: %(name)s has %(learned)d pairs to learn from and %(measured)d "
                "held-out ones; a slice has at least %(least)d and %(few)d. There are: "
                "%(fit)s."
            )
            % {
                "name": unfit[0],
                "learned": learned[unfit[0]],
                "measured": measured[unfit[0]],
                "least": LEAST_TRAIN,
                "few": LEAST_HELD_OUT,
                "fit": ", ".join(fit) or "-",
            }
        )
    if len(names) < 2:
        raise Unfit(
            gettext(
                "Such a study needs two slices with at least %(least)d pairs to learn "
                "from and %(few)d held-out ones; there are %(count)d."
            )
            % {"least": LEAST_TRAIN, "few": LEAST_HELD_OUT, "count": len(names)}
        )
    return names


def by_generation(wanted: Wanted) -> Iterator[Planned]:
    """The first coach learns from people, each later one from the drafts of the one
    before that a judge prefers to the raw pair."""
    count = GENERATIONS if not wanted.values else _whole(wanted.values[0])
    if not 1 <= count <= MOST_GENERATIONS or len(wanted.values) > 1:
        raise Unfit(
            gettext("values: one number of generations, from 1 to %(most)d")
            % {"most": MOST_GENERATIONS}
        )
    for seed in wanted.seeds:
        for number in range(count + 1):
            after = name_of(str(number - 1), seed) if number else ""
            yield wanted.cell(str(number), seed, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one kind of study has of its own."""

    cells: Callable[[Wanted], Iterator[Planned]]
    is_number: bool = False
    """Whether the points are numbers: then a curve joins them."""
    is_fitted: bool = False
    """Whether a law of diminishing returns is fitted to them."""
    is_sliced: bool = False
    """Whether each is measured slice by slice."""
    slices: str = ""
    """What a slice is: `category` or `language`."""


KINDS = {
    "alpha": Kind(cells=by_alpha, is_number=True),
    "size": Kind(cells=by_size, is_number=True, is_fitted=True),
    "backbone": Kind(cells=by_backbone),
    "category": Kind(cells=by_slice, is_sliced=True, slices="category"),
    "language": Kind(cells=by_slice, is_sliced=True, slices="language"),
    "generations": Kind(cells=by_generation, is_number=True),
}


def cells(kind: str, wanted: Wanted) -> list[Planned]:
    """The cells of a study, the first ones worth most; Unfit says what is missing."""
    if len(wanted.train) < LEAST_TRAIN or len(wanted.held_out) < LEAST_HELD_OUT:
        raise Unfit(
            gettext(
                "There are %(train)d pairs to learn from and %(held_out)d held-out "
                "ones; a study needs at least %(least)d and %(few)d. Accept more pairs."
            )
            % {
                "train": len(wanted.train),
                "held_out": len(wanted.held_out),
                "least": LEAST_TRAIN,
                "few": LEAST_HELD_OUT,
            }
        )
    found = list(KINDS[kind].cells(wanted))
    points = list(dict.fromkeys(each.point for each in found))
    if len(points) < 2:
        raise Unfit(gettext("values: a study compares two points or more"))
    if len({each.name for each in found}) < len(found):
        raise Unfit(gettext("values: each stands once"))
    return found


def _check_size(point: str, chosen: Sequence[RevisionExample]) -> None:
    if len(chosen) < LEAST_TRAIN:
        raise Unfit(
            gettext(
                "values: %(point)s leaves %(count)d pairs; a coach learns from at "
                "least %(least)d"
            )
            % {"point": point, "count": len(chosen), "least": LEAST_TRAIN}
        )


def by_language(
    examples: Sequence[RevisionExample], language_of: Callable[[str], str]
) -> list[RevisionExample]:
    """The examples with the language of their raw pair as their slice."""
    return [
        replace(
            each,
            category=language_of(f"{each.raw.instruction}\n{each.raw.response}"),
        )
        for each in examples
    ]
