"""Revision examples: what a coach learns from, and the paper's way to choose them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from revision_engine.types import PairText

FIELDS = ("instruction", "input", "response")
_ESCAPED = bytes(range(0x20)) + b'"\\'
"""What JSON writes another way within a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionExample:
    """One pair before and after a person's revision."""

    source_id: str
    """Where it came from, for lineage: a review's id, or a row of a file."""
    raw: PairText
    revised: PairText
    distance: int
    """Characters inserted, deleted or replaced over the three fields."""
    category: str = ""
    """Kind of task, for figures a category; empty where it is not known."""
    revised_at: float = 0.0
    """When the revision was accepted: seconds since 1970."""
    fixed: bool = False
    """Quality control corrected it, or had it corrected."""
    weight: float = 1.0
    """How much its target tokens count in the loss, beside those of the others."""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.raw)


def fingerprint(pair: PairText, context: Sequence[Mapping[str, Any]] = ()) -> str:
    """SHA-256 of the raw fields: the same pair has the same one everywhere.

    After other turns (`context`) the same exchange is another pair. What a coach has
    learned is asked for without them, since it is never shown them.
    """
    fields = [pair.instruction.strip(), pair.input.strip(), pair.response.strip()]
    if context:
        fields.append(json.dumps(list(context), sort_keys=True))
    return hashlib.sha256(_written(fields)).hexdigest()


def _written(fields: Sequence[str]) -> bytes:
    """What json.dumps(fields, ensure_ascii=False) writes, in a third of its time."""
    separator = '", "'
    written = f'["{separator.join(fields)}"]'.encode()
    if len(written.translate(None, _ESCAPED)) == len(written) - 2 * len(fields):
        return written  # the only quotation marks are those around the fields
    return f"[{', '.join(map(encode_basestring, fields))}]".encode()


def edit_distance(before: PairText, after: PairText) -> int:
    """Levenshtein distance in characters, added up over the three fields."""
    return sum(
        Levenshtein.distance(getattr(before, name), getattr(after, name))
        for name in FIELDS
    )


def as_asked(raw: PairText) -> tuple[str, ...]:
    """Instruction and input as they read, not as they are typed."""
    return tuple(
        " ".join(part.split()).casefold() for part in (raw.instruction, raw.input)
    )


def is_held_out(pair_fingerprint: str, share: float, seed: str = "coachlm") -> bool:
    """Whether a pair is kept for measuring: decided by its text alone, for ever.

    `share` in [0, 1]. Raising it only adds pairs to the held-out ones.
    """
    digest = hashlib.sha256(f"{seed}:{pair_fingerprint}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def most_revised(
    examples: Sequence[RevisionExample], share: float
) -> list[RevisionExample]:
    """Keep the share of examples that people changed most (CoachLM's alpha)."""
    if not 0 < share <= 1:
        raise ValueError(f"share must be in (0, 1], got {share}")
    ranked = sorted(examples, key=lambda e: (-e.distance, e.source_id))
    return ranked[: math.ceil(len(ranked) * share)]


def write_jsonl(path: Path, examples: Iterable[RevisionExample]) -> str:
    """Write one example a line and return the file's SHA-256."""
    digest = hashlib.sha256()
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        for example in examples:
            line = json.dumps(asdict(example), ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            file.write(line)
    part.rename(path)
    return digest.hexdigest()


def read_jsonl(path: Path) -> Iterator[RevisionExample]:
    """Read what `write_jsonl` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row["raw"], row["revised"] = (
                PairText(**row["raw"]),
                PairText(**row["revised"]),
            )
            yield RevisionExample(**row)
