"""One JSON object a line; memory stays constant."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.formats.json_values import dumps, loads
from annotator.formats.keys import problem_of, read_row
from annotator.formats.rows import PairRow, RowProblem

MAX_LINE_BYTES = 2_000_000
"""Room for six fields of the longest kind, each sign of them escaped."""


def read(file: BinaryIO) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered by their line; blank lines are passed over."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            yield problem_of(
                number, _skip_rest(file, line), line[:200].decode("utf-8", "replace")
            )
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield _row(number, line)


def _skip_rest(file: BinaryIO, line: bytes) -> str:
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE_BYTES)
    return f"the line has more than {MAX_LINE_BYTES:,} bytes"


def _row(number: int, line: bytes) -> PairRow | RowProblem:
    # Files that were joined with cat have a byte order mark before any line.
    while line.startswith(codecs.BOM_UTF8):
        line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return read_row(number, loads(line.decode()))
    except UnicodeDecodeError as error:
        byte = error.start + 1
        message = f"the line is not UTF-8 at its byte {byte:,}: save the file as UTF-8"
    except json.JSONDecodeError as error:
        message = _wrong(error)
    except RecursionError:
        message = "the line's JSON is nested too deeply"
    except ValueError:  # Python's limit on the digits of a whole number
        message = "the line holds a number with too many digits"
    return problem_of(number, message, line.decode("utf-8", "replace"))


def _wrong(error: json.JSONDecodeError) -> str:
    if error.msg == "Extra data":
        return f"a second value begins at column {error.colno}: one object a line"
    return f"the line is not valid JSON at column {error.colno}: {error.msg}"


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line a row."""
    for row in rows:
        yield dumps(row) + "\n"
