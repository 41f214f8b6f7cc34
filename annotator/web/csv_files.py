"""Rows as CSV, line by line: memory stays constant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from typing import Any

from django.http import StreamingHttpResponse

from annotator.formats import csv_text


def answer(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """The rows as a download called `name`."""
    kind = "text/csv; charset=utf-8"
    response = StreamingHttpResponse(lines(heads, rows), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def of_kind(name: str, kind: type, rows: Iterable[Any]) -> StreamingHttpResponse:
    """One line a dataclass of `kind`, its fields' names first."""
    heads = [field.name for field in fields(kind)]
    return answer(name, heads, map(astuple, rows))


def lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Each line with its end, for spreadsheets: none takes a cell for a formula.

    A text that begins like one gets an apostrophe, as spreadsheets themselves write it.
    These are figures and names for reading. What is to be read by programs as it was
    written goes out as JSON.
    """
    yield from csv_text.lines(heads, ([_cell(value) for value in row] for row in rows))


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        value = " ".join(value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
