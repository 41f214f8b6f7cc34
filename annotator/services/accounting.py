"""What became of the rows of an import: counts of all, and the first of each kind.

A file of 400,000 wrong rows needs a number and some examples, not as many records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from annotator.formats.rows import FileRemark, PairRow, Row, RowProblem
from annotator.formats.side_columns import OWN
from annotator.formats.spellings import MAX_NAME_CHARS, is_missing
from annotator.models import Batch, RowReject, RowRemark

KEPT = 1_000
"""Rejects, and remarks, that are kept of an import."""
NAMED = 200
"""Columns that are named."""
MORE = f"There are more than {NAMED} other columns: all are kept, the first are named."


class Account:
    """One import's account, written down a chunk at a time."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.columns: Counter[str] = Counter(batch.extra_columns)
        self.has_more = batch.remarks.filter(message=MORE).exists()

    def add(self, chunk: Sequence[Row], *, imported: int) -> None:
        """Count a chunk; to be called in the transaction that stores it."""
        batch = self.batch
        problems = [row for row in chunk if isinstance(row, RowProblem)]
        rows = [row for row in chunk if isinstance(row, PairRow)]
        remarks = [*_remarks(chunk), *self._count(rows)]
        self._keep(problems, remarks)
        batch.rows += len(problems) + len(rows)
        batch.imported += imported
        batch.duplicates += len(rows) - imported
        batch.rejected += len(problems)
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

    def _count(self, rows: Iterable[PairRow]) -> Iterator[RowRemark]:
        """Count the columns that nothing reads; say once if not all can be named."""
        for row in rows:
            for name, value in row.extra.items():
                if name in OWN or is_missing(value):
                    continue
                short = _showable(name[:MAX_NAME_CHARS])
                if short in self.columns or len(self.columns) < NAMED:
                    self.columns[short] += 1
                elif not self.has_more:
                    self.has_more = True
                    yield RowRemark(message=MORE)


def _showable(name: str) -> str:
    return name.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _remarks(chunk: Iterable[Row]) -> Iterator[RowRemark]:
    for row in chunk:
        if isinstance(row, FileRemark):
            yield RowRemark(message=row.message)
        elif isinstance(row, PairRow):
            for message in row.remarks:
                yield RowRemark(row=row.number, message=message)
