"""What a model study is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from annotator.domain.orders import filled_in, listed, whole_number
from annotator.domain.saying import gettext

SEEDS = 2**32
MOST_SEEDS = 10
MOST_SEEN = 100_000
MOST_MINUTES = 14 * 24 * 60


class Dataset(StrEnum):
    """Arms: which version of the project's pairs a model is tuned on. The others are
    compared with the first that is chosen."""

    RAW = "raw"
    """As the pairs came."""
    REVISED = "revised"
    """The text that quality control accepted."""
    HUMAN = "human"
    """The same, only of pairs that a person changed."""
    FILTERED = "filtered"
    """Raw pairs that the judge rates at the median or better: the other way to
    clean."""


class Tuning(StrEnum):
    """What of a model learns."""

    LORA = "lora"
    """An adapter."""
    FULL = "full"
    """All its weights: slower, and much more memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOrder:
    """One study, in full; ValueError says what is wrong."""

    arms: tuple[Dataset, ...] = (Dataset.RAW, Dataset.REVISED)
    seeds: tuple[int, ...] = (17, 18, 19)
    """A model of each arm is tuned with each."""
    seen: int = 1024
    """Examples that each model learns from, whatever the size of its arm."""
    tuning: Tuning = Tuning.LORA
    base_model: str = ""
    """Empty: the installation's."""
    minutes: int | None = None
    """No model is begun after so many minutes of work; None: all are tuned."""
    judges: tuple[str, ...] = ("embedded",)
    """Names of those who compare the answers; the first one's word comes first."""
    testset: str = ""
    """What a file of instructions was called; empty: the held-out pairs."""

    def __post_init__(self) -> None:
        if len(set(self.arms)) < max(2, len(self.arms)):
            raise ValueError(
                gettext("arms: a study compares two or more different ones")
            )
        if not 1 <= len(set(self.seeds)) == len(self.seeds) <= MOST_SEEDS:
            raise ValueError(
                gettext("seeds must be 1 to %(most)s different numbers")
                % {"most": MOST_SEEDS}
            )
        if not all(0 <= seed < SEEDS for seed in self.seeds):
            raise ValueError(
                gettext("seeds must be from 0 to %(most)s") % {"most": SEEDS - 1}
            )
        if not 1 <= len(set(self.judges)) == len(self.judges):
            raise ValueError(
                gettext("judges: name one or more, each once; got %(value)s")
                % {"value": ", ".join(self.judges) or "-"}
            )
        if not 1 <= self.seen <= MOST_SEEN:
            raise _beyond("seen", 1, MOST_SEEN, self.seen)
        if self.minutes is not None and not 1 <= self.minutes <= MOST_MINUTES:
            raise _beyond("minutes", 1, MOST_MINUTES, self.minutes)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote, or a person; ValueError names what is wrong."""
        kept = filled_in(cls, given)
        for name, read in _READ.items():
            if name in kept:
                kept[name] = read(kept[name])
        for name in ("seen", "minutes"):
            if name in kept:
                kept[name] = whole_number(name, kept[name])
        for name in ("base_model", "testset"):
            if not isinstance(kept.get(name, ""), str):
                raise ValueError(
                    gettext("%(name)s must be a text, got %(value)r")
                    % {"name": name, "value": kept[name]}
                )
        return cls(**kept)

    @property
    def models(self) -> int:
        """How many are tuned."""
        return len(self.arms) * len(self.seeds)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        arms = [str(arm) for arm in self.arms]
        told = {"arms": arms, "seeds": [*self.seeds], "judges": [*self.judges]}
        return {**asdict(self), "tuning": str(self.tuning), **told}


def _beyond(name: str, least: int, most: int, value: int) -> ValueError:
    return ValueError(
        gettext("%(name)s must be from %(least)s to %(most)s, got %(value)s")
        % {"name": name, "least": least, "most": most, "value": value}
    )


def _tuning(typed: object) -> Tuning:
    known = [each.value for each in Tuning]
    if typed not in known:
        raise ValueError(
            gettext("%(name)s must be one of %(known)s, got %(value)r")
            % {"name": "tuning", "known": ", ".join(known), "value": typed}
        )
    return Tuning(str(typed))


def _arms(typed: object) -> tuple[Dataset, ...]:
    """In the order of Dataset, whatever that of the typing."""
    names = [str(each) for each in listed("arms", typed)]
    known = [arm.value for arm in Dataset]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            gettext("%(name)s must be one of %(known)s, got %(value)r")
            % {"name": "arms", "known": ", ".join(known), "value": unknown[0]}
        )
    return tuple(sorted(map(Dataset, names), key=list(Dataset).index))


def _names(typed: object) -> tuple[str, ...]:
    return tuple(str(each) for each in listed("judges", typed))


def _seeds(typed: object) -> tuple[int, ...]:
    return tuple(whole_number("seeds", seed) for seed in listed("seeds", typed))


_READ: dict[str, Callable[[object], Any]] = {
    "arms": _arms,
    "seeds": _seeds,
    "tuning": _tuning,
    "judges": _names,
}
