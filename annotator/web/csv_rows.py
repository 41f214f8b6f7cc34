"""Rows behind a figure, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from typing import Any

from django.http import StreamingHttpResponse


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def answer(name: str, kind: type, rows: Iterable[Any]) -> StreamingHttpResponse:
    """One line a dataclass of `kind`, its fields' names first; saved as `name`.csv."""
    response = StreamingHttpResponse(_lines(kind, rows), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(kind: type, rows: Iterable[Any]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow([field.name for field in fields(kind)])
    for row in rows:
        yield writer.writerow([_cell(value) for value in astuple(row)])


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else value
