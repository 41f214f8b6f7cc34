"""Rows one by one, and how much of what they come from is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Self

from annotator.formats.rows import Row


class RowStream(Iterator[Row]):
    """Hands out rows; whoever reads them may ask how far it is."""

    def __init__(self, rows: Iterator[Row], share: Callable[[], float]) -> None:
        self._rows = rows
        self._share = share
        self._is_over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Row:
        try:
            return next(self._rows)
        except BaseException:
            self._is_over = True
            raise

    @property
    def share(self) -> float:
        """From 0 to 1; readers take pieces, so it may be somewhat ahead."""
        if self._is_over:
            return 1.0
        return min(1.0, max(0.0, self._share()))


def by_bytes(rows: Iterator[Row], file: BinaryIO, size: int) -> RowStream:
    """As far as the file is."""
    return RowStream(rows, lambda: file.tell() / size if size else 1.0)
