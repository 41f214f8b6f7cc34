"""CSV with a header line, in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.formats.keys import RAW_KEYS, problem_of, read_row
from annotator.formats.rows import (
    MAX_FIELD_CHARS,
    PairRow,
    RowProblem,
    UnreadableFile,
)

csv.field_size_limit(20 * MAX_FIELD_CHARS)


def read(file: BinaryIO) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered from 1, the header not counted."""
    # Bytes that are no UTF-8 become half surrogates, which read_row refuses by row.
    text = io.TextIOWrapper(
        file, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    try:
        reader = csv.DictReader(text, strict=True)
        _require_columns(reader.fieldnames or [])
        yield from _rows(reader)
    finally:
        text.detach()


def _require_columns(found: Iterable[str]) -> None:
    columns = set(found)
    missing = [
        name
        for name in ("instruction", "response")
        if not columns & set(RAW_KEYS[name])
    ]
    if missing:
        wanted = "; ".join(
            f"{name} (as {' or '.join(RAW_KEYS[name])})" for name in missing
        )
        raise UnreadableFile(f"The CSV file lacks the column {wanted}.")


def _rows(reader: csv.DictReader[str]) -> Iterator[PairRow | RowProblem]:
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield problem_of(number, f"the CSV breaks off here: {error}", "")
            return
        if None in row:
            yield problem_of(number, "the row has more cells than the header", row)
        else:
            yield read_row(number, row)


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The header, then one record a row; columns are the first row's keys."""
    line = io.StringIO(newline="")
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(line, list(row))
            writer.writeheader()
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
