"""Read bytes as a file, and tell what came of it in few words."""

from __future__ import annotations

import io
import json

from annotator.formats.reading import read_pairs
from annotator.formats.rows import FileRemark, PairRow, Row, RowProblem

GOOD = {"instruction": "Name a hill.", "input": "", "output": "Arthur's Seat."}


def read(content: bytes, name: str = "a.jsonl") -> list[Row]:
    return list(read_pairs(io.BytesIO(content), name=name))


def read_object(row: object) -> Row:
    """One row, as a line of JSON holds it."""
    (found,) = read(json.dumps([row]).encode(), "a.json")
    return found


def pairs(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [
        (row.instruction, row.input, row.response)
        for row in rows
        if isinstance(row, PairRow)
    ]


def problems(rows: list[Row]) -> list[RowProblem]:
    return [row for row in rows if isinstance(row, RowProblem)]


def remarks(rows: list[Row]) -> list[str]:
    told = [row.message for row in rows if isinstance(row, FileRemark)]
    for row in rows:
        if isinstance(row, PairRow):
            told += row.remarks
    return told
