"""What became of the rows of an import: counts of all, and the first of each kind.

A file of 400,000 wrong rows needs a number and some examples, not as many records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from annotator.formats.prepared import NAMED, Chunk
from annotator.formats.rows import RowProblem
from annotator.models import Batch, RowReject, RowRemark

KEPT = 1_000
"""Rejects, and remarks, that are kept of an import."""


class Account:
    """One import's account, written down a chunk at a time."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.columns: Counter[str] = Counter(batch.extra_columns)
        self.has_more = batch.remarks.filter(message=_more()).exists()

    def add(
        self,
        chunk: Chunk,
        *,
        imported: int,
        updated: int = 0,
        told: Sequence[tuple[int, str]] = (),
    ) -> None:
        """Count a chunk, and what else is `told` of rows by their number; to be called
        in the transaction that stores it."""
        batch = self.batch
        remarks = [RowRemark(row=row, message=what) for row, what in chunk.remarks]
        remarks += self._count(chunk)
        remarks += [RowRemark(row=row, message=message) for row, message in told]
        self._keep(chunk.problems, remarks)
        batch.rows += len(chunk.problems) + len(chunk.pairs)
        batch.imported += imported
        batch.updated += updated
        batch.duplicates += len(chunk.pairs) - imported - updated
        batch.rejected += len(chunk.problems)
        batch.remarked += len(remarks)
        batch.extra_columns = dict(self.columns)
        batch.save()

    def _keep(
        self, problems: Iterable[RowProblem], remarks: Sequence[RowRemark]
    ) -> None:
        batch = self.batch
        RowReject.objects.bulk_create(
            RowReject(
                batch=batch,
                row=problem.number,
                message=problem.message,
                source=problem.source,
            )
            for problem in list(problems)[: max(0, KEPT - batch.rejected)]
        )
        kept = remarks[: max(0, KEPT - batch.remarked)]
        for remark in kept:
            remark.batch = batch
        RowRemark.objects.bulk_create(kept)

    def _count(self, chunk: Chunk) -> list[RowRemark]:
        """Count the columns that nothing reads; say once if not all can be named."""
        self.columns.update(chunk.columns)
        if self.has_more or not chunk.has_more:
            return []
        self.has_more = True
        return [RowRemark(message=_more())]


def _more() -> str:
    return gettext(
        "There are more than %(named)s other columns: all are kept, the first are "
        "named."
    ) % {"named": NAMED}
