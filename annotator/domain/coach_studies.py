"""What a study of coaches is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from annotator.domain.model_studies import MOST_MINUTES, MOST_SEEDS, SEEDS
from annotator.domain.orders import filled_in, listed, whole_number
from annotator.domain.saying import gettext

MOST_VALUES = 12
LEAST_MEASURED, MOST_MEASURED = 5, 500
MOST_EPOCHS = 20


class StudyKind(StrEnum):
    """In what the coaches of a study differ (training's coach_studies.kinds)."""

    ALPHA = "alpha"
    SIZE = "size"
    BACKBONE = "backbone"
    CATEGORY = "category"
    LANGUAGE = "language"
    GENERATIONS = "generations"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachStudyOrder:
    """One study, in full; ValueError says what is wrong."""

    kind: StudyKind
    values: tuple[str, ...] = ()
    """Points of its axis; empty: the usual ones of its kind."""
    seeds: tuple[int, ...] = (17, 18)
    """A coach of each point is trained with each."""
    measured: int = 100
    """Held-out pairs that each coach drafts, of those there are."""
    learned: int | None = None
    """The most pairs that a coach learns from, drawn by hash; None: all."""
    epochs: int = 2
    base_model: str = ""
    """Empty: the installation's. A study of backbones names its own in `values`."""
    minutes: int | None = None
    """No coach is begun after so many minutes of work; None: all are trained."""

    def __post_init__(self) -> None:
        if len(self.values) > MOST_VALUES or len(set(self.values)) < len(self.values):
            raise ValueError(
                gettext("values: name up to %(most)s, each once")
                % {"most": MOST_VALUES}
            )
        if not 1 <= len(set(self.seeds)) == len(self.seeds) <= MOST_SEEDS:
            raise ValueError(
                gettext("seeds must be 1 to %(most)s different numbers")
                % {"most": MOST_SEEDS}
            )
        self._within("seeds", min(self.seeds), 0, SEEDS - 1)
        self._within("seeds", max(self.seeds), 0, SEEDS - 1)
        self._within("measured", self.measured, LEAST_MEASURED, MOST_MEASURED)
        self._within("epochs", self.epochs, 1, MOST_EPOCHS)
        self._within("learned", self.learned, 10, 1_000_000)
        self._within("minutes", self.minutes, 1, MOST_MINUTES)

    @staticmethod
    def _within(name: str, value: int | None, least: int, most: int) -> None:
        if value is not None and not least <= value <= most:
            raise ValueError(
                gettext("%(name)s must be from %(least)s to %(most)s, got %(value)s")
                % {"name": name, "least": least, "most": most, "value": value}
            )

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote, or a person; ValueError names what is wrong."""
        kept = filled_in(cls, given)
        kept["kind"] = _kind(kept.get("kind"))
        if "values" in kept:
            kept["values"] = _values(kept["values"])
        if "seeds" in kept:
            kept["seeds"] = tuple(
                whole_number("seeds", seed) for seed in listed("seeds", kept["seeds"])
            )
        for name in ("measured", "learned", "epochs", "minutes"):
            if name in kept:
                kept[name] = whole_number(name, kept[name])
        if not isinstance(kept.get("base_model", ""), str):
            raise ValueError(
                gettext("%(name)s must be a text, got %(value)r")
                % {"name": "base_model", "value": kept["base_model"]}
            )
        return cls(**kept)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        told = {"values": [*self.values], "seeds": [*self.seeds]}
        return {**asdict(self), "kind": str(self.kind), **told}


def _values(typed: object) -> tuple[str, ...]:
    """Of a list, or a text with commas; a category may have blanks in it."""
    if isinstance(typed, str):
        typed = [each.strip() for each in typed.split(",") if each.strip()]
    return tuple(str(each) for each in listed("values", typed))


def _kind(typed: object) -> StudyKind:
    known = [kind.value for kind in StudyKind]
    if typed not in known:
        raise ValueError(
            gettext("%(name)s must be one of %(known)s, got %(value)r")
            % {"name": "kind", "known": ", ".join(known), "value": typed}
        )
    return StudyKind(str(typed))
