"""A JSON array of pairs. Read whole: for a very large file JSONL needs no memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.formats.keys import read_row
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile


def read(file: BinaryIO) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered from 1 by their place in the list."""
    content = file.read()
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"The file is not UTF-8: byte {error.start + 1:,} cannot be read."
        ) from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"The file is not valid JSON: line {error.lineno}, column "
            f"{error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise UnreadableFile("The file's JSON is nested too deeply.") from None
    if not isinstance(rows, list):
        raise UnreadableFile("The file's JSON is not a list of objects.")
    for number, row in enumerate(rows, 1):
        yield read_row(number, row)


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The array, piece by piece."""
    opening = "["
    for row in rows:
        yield f"{opening}\n{json.dumps(row, ensure_ascii=False)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
