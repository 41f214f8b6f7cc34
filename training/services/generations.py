"""What each generation of a scope's coach made of the same held-out pairs.

An evaluation measures a new coach and the one that was active then, so a coach's drafts
are found in its own evaluations and in those of its successors. Two samples are of the
same pair if both the raw pair and the person's text are the same, letter by letter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from revision_engine.types import PairText
from training.evaluation.measuring import Measured, Reading, as_text, read
from training.models import Evaluation, EvaluationSample

_DRAFT = ("instruction", "input", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One held-out pair with one coach's draft of it, as an evaluation kept it."""

    key: str
    """Of the pair: see `key_of`."""
    source_id: str
    evaluation: int
    category: str
    raw: PairText
    expert: PairText
    draft: PairText
    problem: str
    parseable: bool
    loop: bool
    distance_raw: int
    distance_draft: int
    """Characters to edit until the text is the person's."""


Drafts = Mapping[str, Drafted]


def drafts_of(scope: str, coaches: Collection[int]) -> dict[int, dict[str, Drafted]]:
    """For each coach (by primary key) its drafts by pair; the newest evaluation's."""
    found: dict[int, dict[str, Drafted]] = {coach: {} for coach in coaches}
    evaluations = Evaluation.objects.filter(coach__scope=scope).filter(
        Q(coach__in=coaches) | Q(current__in=coaches)
    )
    for evaluation in evaluations.order_by("pk"):
        for sample in evaluation.samples.order_by("pk").iterator():
            for coach, drafted in _drafted(evaluation, sample):
                if coach in found:
                    found[coach][drafted.key] = drafted
    return found


def key_of(raw: Mapping[str, str], expert: Mapping[str, str]) -> str:
    """A fingerprint of the raw pair and the person's text together."""
    whole = json.dumps([raw, expert], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()


def _drafted(
    evaluation: Evaluation, sample: EvaluationSample
) -> Iterator[tuple[int, Drafted]]:
    """The draft of the coach that was measured, and of the active one beside it."""
    if not sample.raw or not sample.expert:
        return  # kept before samples were whole
    if evaluation.current_id and sample.current:
        beside = sample.current
        yield (
            evaluation.current_id,
            _one(evaluation, sample, beside["draft"], beside, beside["distance"]),
        )
    draft = {name: getattr(sample, name) for name in _DRAFT}
    own = {name: getattr(sample, name) for name in ("problem", "parseable", "loop")}
    yield (
        evaluation.coach_id,
        _one(evaluation, sample, draft, own, sample.distance_draft),
    )


def _one(
    evaluation: Evaluation,
    sample: EvaluationSample,
    draft: Mapping[str, str],
    told: Mapping[str, Any],
    distance: int,
) -> Drafted:
    return Drafted(
        key=key_of(sample.raw, sample.expert),
        source_id=sample.source_id,
        evaluation=evaluation.pk,
        category=sample.category,
        raw=PairText(**sample.raw),
        expert=PairText(**sample.expert),
        draft=PairText(**draft),
        problem=told.get("problem", ""),
        parseable=told.get("parseable", True),
        loop=told.get("loop", False),
        distance_raw=sample.distance_raw,
        distance_draft=distance,
    )


class Readings:
    """Compares texts once: the same draft stands in several comparisons."""

    def __init__(self) -> None:
        self._known: dict[tuple[PairText, PairText], Reading] = {}

    def measured(self, drafts: Drafts, keys: Sequence[str]) -> list[Measured]:
        """The drafts of these pairs, measured, in the order of the keys."""
        return [self._measured(drafts[key]) for key in keys]

    def _measured(self, drafted: Drafted) -> Measured:
        return Measured(
            raw=self._read(drafted.raw, drafted.expert),
            draft=self._read(drafted.draft, drafted.expert),
            expert=as_text(drafted.expert),
            problem=drafted.problem,
            parseable=drafted.parseable,
            loop=drafted.loop,
        )

    def _read(self, text: PairText, expert: PairText) -> Reading:
        pair = (text, expert)
        if pair not in self._known:
            self._known[pair] = read(text, expert)
        return self._known[pair]
