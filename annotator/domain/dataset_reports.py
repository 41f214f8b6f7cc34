"""What a dataset report is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

SEEDS = 2**32
HIGHEST = 5.0
"""Of a rating; the lowest is 0."""
THRESHOLD = 4.5
"""From which rating on a pair counts as good: the paper's."""
SEED = 17


class Source(StrEnum):
    """Where the pairs come from."""

    ACCEPTED = "accepted"
    """All accepted pairs of the project."""
    BATCH = "batch"
    """Those of one batch."""
    EXPORT = "export"
    """The file of an export."""
    REWRITE = "rewrite"
    """A dataset that a coach revised alone."""
    FILE = "file"
    """A file, or two, that somebody brings."""


NUMBERED = (Source.BATCH, Source.EXPORT, Source.REWRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """One report, in full; ValueError says what is wrong."""

    source: Source
    number: int | None = None
    """Of the batch, export or rewrite."""
    category: str = ""
    """Only pairs of this one; empty: all."""
    judges: tuple[str, ...] = ()
    """Their names; none: nothing is rated."""
    threshold: float = THRESHOLD
    """From which rating on a pair counts as good."""
    seed: int = SEED
    """Of samples and resamples."""
    file: str = ""
    """What a file that was brought is called."""
    raw_file: str = ""
    """What the file of its raw side is called, if it is another one."""

    def __post_init__(self) -> None:
        if (self.number is None) == (self.source in NUMBERED):
            raise ValueError(
                f"number: a report on {self.source} "
                + ("needs one" if self.source in NUMBERED else "has none")
            )
        if not (math.isfinite(self.threshold) and 0 <= self.threshold <= HIGHEST):
            raise ValueError(
                f"threshold must be from 0 to {HIGHEST:g}, got {self.threshold}"
            )
        if not 0 <= self.seed < SEEDS:
            raise ValueError(f"seed must be from 0 to {SEEDS - 1}, got {self.seed}")
        if len(set(self.judges)) != len(self.judges):
            raise ValueError("judges: each is asked once")

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote, or a person; ValueError names what is wrong."""
        known = {each.name for each in fields(cls)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        kept = {
            name: value for name, value in given.items() if value not in (None, "", [])
        }
        kept["source"] = _source(kept.get("source", Source.ACCEPTED))
        for name, kind in (("number", int), ("seed", int), ("threshold", float)):
            if name in kept:
                kept[name] = _number(name, kept[name], kind)
        for name in ("category", "file", "raw_file"):
            if not isinstance(kept.get(name, ""), str):
                raise ValueError(f"{name} must be a text, got {kept[name]!r}")
        kept["judges"] = _names(kept.get("judges", ()))
        return cls(**kept)

    @property
    def key(self) -> int:
        """Of what it is about; 0, which nothing has, where that has none."""
        return self.number or 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "source": str(self.source), "judges": [*self.judges]}


def _names(typed: object) -> tuple[str, ...]:
    judges = [typed] if isinstance(typed, str) else typed
    if not isinstance(judges, list | tuple) or not all(
        isinstance(each, str) for each in judges
    ):
        raise ValueError(f"judges must be names, got {typed!r}")
    return tuple(judges)


def _source(typed: object) -> Source:
    try:
        return Source(str(typed))
    except ValueError:
        known = ", ".join(Source)
        raise ValueError(f"source must be one of {known}, got {typed!r}") from None


def _number(name: str, typed: object, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(str(typed))
    except ValueError:
        raise ValueError(f"{name} must be a number, got {typed!r}") from None
