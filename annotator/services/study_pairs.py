"""What a model study is made of: a project's accepted pairs, as arms and test items.

The newest accepted text of a raw pair counts. Pairs that are held out from coaches are
in no arm, and no pair that asks for the same as one of them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.domain.model_studies import Dataset
from annotator.models import Project
from annotator.selectors import accepted
from annotator.selectors.accepted import ReviewQuery
from revision_engine.types import PairText
from training.evaluation.judges.judge import Judge
from training.evaluation.tuned import testsets
from training.evaluation.tuned.testsets import TestItem
from training.examples import as_asked, fingerprint
from training.services import snapshots

LEAST_PAIRS = 20
"""Of an arm."""
LEAST_ITEMS = 10
"""Of a test set."""
MOST_ITEMS = 1_000
"""Held-out pairs that are asked; of more those with the least keys, hashes that they
are."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AcceptedPair:
    """A pair as it came, and the text that counts."""

    raw: PairText
    final: PairText
    is_changed: bool
    """By a person: it is not what they were shown, the draft or the raw pair."""
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that a study may use of a project."""

    pairs: Sequence[AcceptedPair]
    held_out: Sequence[AcceptedPair]
    leaked: int
    """Pairs that are left out: a held-out one asks for the very same."""

    @property
    def items(self) -> list[TestItem]:
        """Held-out pairs as a test set, each instruction once."""
        once = {
            item.key: item
            for pair in self.held_out
            for item in [
                testsets.item(
                    pair.final.instruction,
                    pair.final.input,
                    pair.final.response,
                    pair.category,
                )
            ]
        }
        return [once[key] for key in sorted(once)[:MOST_ITEMS]]


def material(project: Project) -> Material:
    """Of all pairs that quality control took."""
    pinned = snapshots.pinned(project.scope)
    once: dict[str, AcceptedPair] = {}
    for pair in _accepted(project):
        once.setdefault(fingerprint(pair.raw), pair)
    aside = {key for key in once if snapshots.is_set_aside(key, pinned)}
    held_out = [once[key] for key in sorted(aside)]
    asked = {as_asked(text) for pair in held_out for text in (pair.raw, pair.final)}
    others = [pair for key, pair in once.items() if key not in aside]
    pairs = [pair for pair in others if not _asks(pair, asked)]
    return Material(pairs=pairs, held_out=held_out, leaked=len(others) - len(pairs))


def _asks(pair: AcceptedPair, asked: set[tuple[str, ...]]) -> bool:
    return any(as_asked(text) in asked for text in (pair.raw, pair.final))


def _accepted(project: Project) -> Iterator[AcceptedPair]:
    """Newest first."""
    found = accepted.reviews(project, ReviewQuery())
    found = found.select_related("pair", "draft", "verdict__fix")
    newest = found.order_by("-verdict__created_at", "-pk")
    for review in newest.iterator(chunk_size=AT_ONCE):
        shown = review.draft.text if review.draft else review.pair.text
        yield AcceptedPair(
            raw=review.pair.text,
            final=review.outcome,
            is_changed=review.outcome != shown,
            category=review.pair.category,
        )


def arms(
    pairs: Sequence[AcceptedPair], wanted: Iterable[Dataset], judge: Judge
) -> dict[str, list[PairText]]:
    """The pairs of each arm; Invalid where one has too few, or two are the same."""
    made = {dataset.value: _arm(dataset, pairs, judge) for dataset in wanted}
    for name, texts in made.items():
        if len(texts) < LEAST_PAIRS:
            raise Invalid(
                gettext(
                    "The arm %(name)s has %(pairs)s pairs; a model is tuned on at "
                    "least %(least)s. Pairs that are held out from coaches do not "
                    "count."
                )
                % {"name": name, "pairs": len(texts), "least": LEAST_PAIRS}
            )
    _refuse_alike(made)
    return made


def _arm(
    dataset: Dataset, pairs: Sequence[AcceptedPair], judge: Judge
) -> list[PairText]:
    match dataset:
        case Dataset.RAW:
            return [pair.raw for pair in pairs]
        case Dataset.REVISED:
            return [pair.final for pair in pairs]
        case Dataset.HUMAN:
            return [pair.final for pair in pairs if pair.is_changed]
        case Dataset.FILTERED:
            return _better_half([pair.raw for pair in pairs], judge)


def _better_half(raw: Sequence[PairText], judge: Judge) -> list[PairText]:
    judged = judge.rate(raw)
    ratings = [each.rating for each in judged if each.rating is not None]
    if not ratings:
        return []
    middle = median(ratings)
    return [
        pair
        for pair, each in zip(raw, judged, strict=True)
        if each.rating is not None and each.rating >= middle
    ]


def _refuse_alike(made: Mapping[str, Sequence[PairText]]) -> None:
    seen: dict[frozenset[PairText], str] = {}
    for name, texts in made.items():
        twin = seen.setdefault(frozenset(texts), name)
        if twin != name:
            raise Invalid(
                gettext(
                    "The arms %(one)s and %(other)s hold the same pairs: there is "
                    "nothing to tell apart. Leave one of them out."
                )
                % {"one": twin, "other": name}
            )
