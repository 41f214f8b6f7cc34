"""Preferences: of two revisions of a pair, the one that a person would rather have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from revision_engine.types import PairText
from training.examples import fingerprint

NAME = "preferences.jsonl"
"""In a run's folder."""
LEAST = 20
"""Fewer teach a coach nothing but themselves: such a run is refused."""

MOST = 2_000
"""A run learns no more, those of the newest reviews: each costs as much as two
examples."""


class PreferenceKind(StrEnum):
    """What a person did that tells which text is better."""

    RETURN = "return"
    """Quality control sent a text back or mended it: what it took, over that text."""
    KEPT_RAW = "kept_raw"
    """The raw pair was kept as it was, over the draft."""
    CANDIDATE = "candidate"
    """Of several drafts the one that the person went on from, over the others."""
    FINAL = "final"
    """The final text, over the draft that it was made from."""
    HUNK = "hunk"
    """One change of the draft was rejected: the final text, over itself with it."""
    TAKEN = "taken"
    """One change of the draft was taken: the final text, over itself without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Two revisions of one raw pair, and which of them is better."""

    source_id: str
    """Of the RevisionExample that it belongs to."""
    kind: str
    raw: PairText
    chosen: PairText
    rejected: PairText
    hint: str = ""
    """What a person had asked the coach for; it stands in the prompt."""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.raw)


def write_preferences(path: Path, found: Iterable[Preference]) -> None:
    """Write one a line, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for one in found:
            file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
    part.rename(path)


def read_preferences(path: Path) -> Iterator[Preference]:
    """Read what `write_preferences` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            texts = ("raw", "chosen", "rejected")
            yield Preference(**{**row, **{n: PairText(**row[n]) for n in texts}})
