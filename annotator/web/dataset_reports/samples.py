"""Pairs of a report beside each other, with what changed marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotator.domain.diffs import Hunk, word_diff
from annotator.web.dataset_reports.figures import Json, printed
from annotator.web.dataset_reports.words import FIELDS, KINDS
from training.examples import FIELDS as TEXTS


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a sample; nothing is shown where both sides are empty."""

    label: str
    hunks: Sequence[Hunk]
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One judge's word on both sides: its reasons are untrusted text."""

    judge: str
    ratings: str
    raw: str
    """Why, or why there is no rating."""
    revised: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair before and after."""

    number: int
    category: str
    fields: Sequence[ShownField]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class SampleGroup:
    """Samples of one kind."""

    name: str
    title: str
    samples: Sequence[Sample]


def groups(document: Json) -> list[SampleGroup]:
    """The samples by what they are samples of."""
    found = document["samples"]
    made = [
        SampleGroup(
            kind, str(title), [_sample(each) for each in found if each["kind"] == kind]
        )
        for kind, title in KINDS.items()
    ]
    return [group for group in made if group.samples]


def _sample(found: Json) -> Sample:
    return Sample(
        number=found["number"],
        category=found["category"],
        fields=[_field(found, name) for name in TEXTS if _is_there(found, name)],
        said=list(_said(found["ratings"])),
    )


def _is_there(found: Json, name: str) -> bool:
    return bool(found["raw"][name] or found["revised"][name])


def _field(found: Json, name: str) -> ShownField:
    before, after = found["raw"][name], found["revised"][name]
    return ShownField(
        label=str(FIELDS[name]),
        hunks=word_diff(before, after),
        is_changed=before != after,
    )


def _said(ratings: Json) -> Iterator[Said]:
    for judge, sides in ratings.items():
        raw, revised = sides["raw"], sides["revised"]
        yield Said(
            judge=judge,
            ratings=f"{_rating(raw)} → {_rating(revised)}",
            raw=raw["reason"] or raw["problem"],
            revised=revised["reason"] or revised["problem"],
        )


def _rating(said: Json) -> str:
    rating = said["rating"]
    return "–" if rating is None else printed(rating, 2)
