"""A JSON array of pairs. Read whole: for a very large file JSONL needs no memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.formats.keys import read_row
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile


def read(file: BinaryIO) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered from 1 by their place in the list."""
    # Bytes that are no UTF-8 become half surrogates, which read_row refuses by row.
    rows = _decoded(file.read().decode("utf-8-sig", "surrogateescape"))
    if not isinstance(rows, list):
        raise _no_list()
    for number, row in enumerate(rows, 1):
        yield read_row(number, row)


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("{"):
            raise _no_list() from None
        raise UnreadableFile(
            f"The file is not valid JSON: line {error.lineno}, column "
            f"{error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise UnreadableFile("The file's JSON is nested too deeply.") from None
    except ValueError:  # Python's limit on the digits of a whole number
        raise UnreadableFile(
            "The file's JSON holds a number with too many digits."
        ) from None


def _no_list() -> UnreadableFile:
    return UnreadableFile(
        "The file's JSON is not a list of objects. If it holds one object a line, "
        "let its name end in .jsonl."
    )


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The array, piece by piece."""
    opening = "["
    for row in rows:
        yield f"{opening}\n{json.dumps(row, ensure_ascii=False)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
