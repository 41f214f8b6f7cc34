"""What a dataset report is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from annotator.domain.orders import filled_in
from annotator.domain.saying import gettext

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
    COACH = "coach"
    """Those that went on from a coach's draft."""
    EXPORT = "export"
    """The file of an export."""
    REWRITE = "rewrite"
    """A dataset that a coach revised alone."""
    FILE = "file"
    """A file, or two, that somebody brings."""


NUMBERED = (Source.BATCH, Source.COACH, Source.EXPORT, Source.REWRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """One report, in full; ValueError says what is wrong."""

    source: Source
    number: int | None = None
    """Of the batch, coach (its id), export or rewrite."""
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
            wanted = (
                gettext("number: a report on %(source)s needs one")
                if self.source in NUMBERED
                else gettext("number: a report on %(source)s has none")
            )
            raise ValueError(wanted % {"source": self.source})
        if not (math.isfinite(self.threshold) and 0 <= self.threshold <= HIGHEST):
            raise ValueError(
                gettext("%(name)s must be from %(least)s to %(most)s, got %(value)s")
                % {
                    "name": "threshold",
                    "least": 0,
                    "most": f"{HIGHEST:g}",
                    "value": self.threshold,
                }
            )
        if not 0 <= self.seed < SEEDS:
            raise ValueError(
                gettext("%(name)s must be from %(least)s to %(most)s, got %(value)s")
                % {"name": "seed", "least": 0, "most": SEEDS - 1, "value": self.seed}
            )
        if len(set(self.judges)) != len(self.judges):
            raise ValueError(gettext("judges: each is asked once"))

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote, or a person; ValueError names what is wrong."""
        kept = filled_in(cls, given)
        kept["source"] = _source(kept.get("source", Source.ACCEPTED))
        for name, kind in (("number", int), ("seed", int), ("threshold", float)):
            if name in kept:
                kept[name] = _number(name, kept[name], kind)
        for name in ("category", "file", "raw_file"):
            if not isinstance(kept.get(name, ""), str):
                raise ValueError(
                    gettext("%(name)s must be a text, got %(value)r")
                    % {"name": name, "value": kept[name]}
                )
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
        raise ValueError(
            gettext("judges must be names, got %(value)r") % {"value": typed}
        )
    return tuple(judges)


def _source(typed: object) -> Source:
    try:
        return Source(str(typed))
    except ValueError:
        known = ", ".join(Source)
        raise ValueError(
            gettext("%(name)s must be one of %(known)s, got %(value)r")
            % {"name": "source", "known": known, "value": typed}
        ) from None


def _number(name: str, typed: object, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(str(typed))
    except ValueError:
        raise ValueError(
            gettext("%(name)s must be a number, got %(value)r")
            % {"name": name, "value": typed}
        ) from None
