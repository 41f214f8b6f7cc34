"""Pairs before and after a revision, from files that hold both sides, or from two.

Both sides are in a row of the expert revisions, of a coach's training set (`raw` and
`revised`), and of a dataset that a coach revised (`raw` beside the revised text).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats import keys
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile
from revision_engine.types import PairText

ONE_SIDE = "without a raw side"
UNREADABLE = gettext_noop("rows that could not be read")
NO_PARTNER = gettext_noop("with no row of the same id in the other file")
TWICE = gettext_noop("whose id stands more than once")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSides:
    """One pair before and after."""

    number: int
    """Its row in the file, or its key in the database."""
    category: str = ""
    raw: PairText
    revised: PairText


@dataclass(slots=True, kw_only=True)
class Found:
    """The pairs of a source, in its order, and what of it could not be used."""

    pairs: list[TwoSides] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class OneFile:
    """The rows of a file as they were read."""

    rows: list[PairRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def read_row(number: int, row: object) -> PairRow | RowProblem:
    """A row as every import reads it, or one of a coach's training set."""
    if isinstance(row, Mapping):
        raw, revised = row.get("raw"), row.get("revised")
        if isinstance(raw, Mapping) and isinstance(revised, Mapping):
            return keys.read_row(number, _flat(raw, revised, row))
    return keys.read_row(number, row)


def _flat(
    raw: Mapping[str, Any], revised: Mapping[str, Any], row: Mapping[str, Any]
) -> dict[str, Any]:
    texts = {f"Raw {name.title()}": raw.get(name) for name in keys.PLAIN}
    texts |= {f"Revised {name.title()}": revised.get(name) for name in keys.PLAIN}
    return {**texts, "category": row.get("category")}


def read(file: BinaryIO, *, name: str, most: int) -> OneFile:
    """All rows of a file; UnreadableFile where it is of no use or has too many."""
    found = OneFile()
    for row in read_pairs(file, name=name, read_row=read_row):
        if isinstance(row, PairRow):
            found.rows.append(row)
            if len(found.rows) > most:
                raise UnreadableFile(
                    gettext(
                        "%(name)s has more than %(most)s pairs, which is the most that "
                        "a report is made of: give it a part of them."
                    )
                    % {"name": name, "most": f"{most:,}"}
                )
        elif isinstance(row, RowProblem):
            found.left_out[UNREADABLE] += 1
    return found


def of_one(file: OneFile) -> Found:
    """The pairs of rows that hold both sides."""
    found = Found(left_out=Counter(file.left_out))
    for row in file.rows:
        if pair := sides(row):
            found.pairs.append(pair)
        else:
            found.left_out[ONE_SIDE] += 1
    return found


def sides(row: PairRow) -> TwoSides | None:
    """Both sides of a row; None if it has one only."""
    if row.revised is not None:
        return _pair(row, row.text, row.revised)
    raw = row.extra.get("raw")
    if not isinstance(raw, Mapping):
        return None
    read = keys.read_row(row.number, raw)
    return _pair(row, read.text, row.text) if isinstance(read, PairRow) else None


def _pair(row: PairRow, raw: PairText, revised: PairText) -> TwoSides:
    return TwoSides(number=row.number, category=row.category, raw=raw, revised=revised)


def of_two(raw: OneFile, revised: OneFile) -> Found:
    """Pair the rows of two files: by their ids where each row has one, else by order.

    UnreadableFile where there are no ids and not as many rows.
    """
    found = Found(left_out=raw.left_out + revised.left_out)
    if _has_ids(raw.rows) and _has_ids(revised.rows):
        _by_id(raw.rows, revised.rows, found)
        return found
    if found.left_out or len(raw.rows) != len(revised.rows):
        raise UnreadableFile(
            gettext(
                "The raw file has %(raw)s usable rows and the revised one %(revised)s: "
                "they cannot be matched in their order. Give each row an id, or the "
                "same number of rows."
            )
            % {"raw": f"{len(raw.rows):,}", "revised": f"{len(revised.rows):,}"}
        )
    found.pairs = [
        _pair(after, before.text, after.text)
        for before, after in zip(raw.rows, revised.rows, strict=True)
    ]
    return found


def _has_ids(rows: Sequence[PairRow]) -> bool:
    return bool(rows) and all(row.external_id for row in rows)


def _by_id(raw: Sequence[PairRow], revised: Sequence[PairRow], found: Found) -> None:
    before = _once(raw, found)
    after = _once(revised, found)
    for name, row in after.items():
        if name in before:
            found.pairs.append(_pair(row, before[name].text, row.text))
    found.left_out[NO_PARTNER] += len(before.keys() ^ after.keys())
    found.left_out = +found.left_out


def _once(rows: Sequence[PairRow], found: Found) -> dict[str, PairRow]:
    often = Counter(row.external_id for row in rows)
    found.left_out[TWICE] += sum(n for n in often.values() if n > 1)
    return {row.external_id: row for row in rows if often[row.external_id] == 1}
