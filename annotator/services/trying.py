"""Read a whole file and store nothing: what would become of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from annotator.formats.rows import PairRow, Row, RowProblem, remarks_on
from annotator.formats.side_columns import OWN
from annotator.formats.spellings import MAX_NAME_CHARS, is_missing
from annotator.models import Batch, Pair
from training.examples import fingerprint

CHUNK = 5_000
SHOWN = 50
"""Rejects, remarks and columns that a report names."""


@dataclass(slots=True)
class Report:
    """What an import would do, in rows."""

    rows: int = 0
    good: int = 0
    """Rows that make a pair; those of new pairs among them are `fresh`."""
    fresh: int = 0
    duplicates_in_file: int = 0
    duplicates_here: int = 0
    """Pairs that the project has already."""
    same_id: int = 0
    """New pairs whose id the project has with another text."""
    rejected: int = 0
    remarked: int = 0
    rejects: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """Columns that would be kept and not read, with their rows."""


def report(
    batch: Batch, rows: Iterator[Row], goes_on: Callable[[int], bool]
) -> dict[str, Any] | None:
    """The report on a batch's rows as JSON; None once `goes_on` says no, which is
    asked after each chunk with the number of rows so far.

    A pair is remembered by half of its fingerprint: a million take about 100 MB.
    """
    found, seen = Report(), set[bytes]()
    columns: Counter[str] = Counter()
    while chunk := list(islice(rows, CHUNK)):
        _count(batch, found, seen, columns, chunk)
        if not goes_on(found.rows):
            return None
    found.columns = dict(columns.most_common(SHOWN))
    return asdict(found)


def _count(
    batch: Batch,
    found: Report,
    seen: set[bytes],
    columns: Counter[str],
    chunk: Sequence[Row],
) -> None:
    problems = [row for row in chunk if isinstance(row, RowProblem)]
    pairs = [row for row in chunk if isinstance(row, PairRow)]
    remarks = [remark for row in chunk for remark in remarks_on(row)]
    found.rows += len(problems) + len(pairs)
    found.good += len(pairs)
    found.rejected += len(problems)
    found.remarked += len(remarks)
    found.remarks += remarks[: SHOWN - len(found.remarks)]
    found.rejects += [
        {"row": each.number, "message": each.message, "source": each.source}
        for each in problems[: SHOWN - len(found.rejects)]
    ]
    columns.update(
        name[:MAX_NAME_CHARS]
        for row in pairs
        for name, value in row.extra.items()
        if name not in OWN and not is_missing(value)
    )
    _count_known(batch, found, seen, pairs)


def _count_known(
    batch: Batch, found: Report, seen: set[bytes], pairs: Sequence[PairRow]
) -> None:
    fresh: dict[str, PairRow] = {}
    for row in pairs:
        key = fingerprint(row.text, row.context)
        short = bytes.fromhex(key[:32])
        if short in seen:
            found.duplicates_in_file += 1
        else:
            seen.add(short)
            fresh[key] = row
    mine = Pair.objects.filter(project=batch.project_id)
    known = set(
        mine.filter(fingerprint__in=list(fresh)).values_list("fingerprint", flat=True)
    )
    new = [row for key, row in fresh.items() if key not in known]
    ids = {row.external_id for row in new if row.external_id}
    here = set(
        mine.filter(external_id__in=ids).values_list("external_id", flat=True)
        if ids
        else ()
    )
    found.duplicates_here += len(known)
    found.fresh += len(new)
    found.same_id += sum(row.external_id in here for row in new)
