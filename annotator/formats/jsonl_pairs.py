"""One JSON object a line; memory stays constant."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.domain.saying import gettext
from annotator.formats.json_values import dumps, loads
from annotator.formats.keys import problem_of
from annotator.formats.rows import PairRow, ReadRow, RowProblem

MAX_LINE_BYTES = 2_000_000
"""Room for six fields of the longest kind, each sign of them escaped."""


def read(file: BinaryIO, read_row: ReadRow) -> Iterator[PairRow | RowProblem]:
    """Rows are numbered by their line; blank lines are passed over."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            yield problem_of(
                number, _skip_rest(file, line), line[:200].decode("utf-8", "replace")
            )
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield _row(number, line, read_row)


def _skip_rest(file: BinaryIO, line: bytes) -> str:
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE_BYTES)
    return gettext("the line has more than %(most)s bytes") % {
        "most": f"{MAX_LINE_BYTES:,}"
    }


def _row(number: int, line: bytes, read_row: ReadRow) -> PairRow | RowProblem:
    # Files that were joined with cat have a byte order mark before any line.
    while line.startswith(codecs.BOM_UTF8):
        line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return read_row(number, loads(line.decode()))
    except UnicodeDecodeError as error:
        byte = error.start + 1
        message = gettext(
            "the line is not UTF-8 at its byte %(byte)s: save the file as UTF-8"
        ) % {"byte": f"{byte:,}"}
    except json.JSONDecodeError as error:
        message = _wrong(error)
    except RecursionError:
        message = gettext("the line's JSON is nested too deeply")
    except ValueError:  # Python's limit on the digits of a whole number
        message = gettext("the line holds a number with too many digits")
    return problem_of(number, message, line.decode("utf-8", "replace"))


def _wrong(error: json.JSONDecodeError) -> str:
    if error.msg == "Extra data":
        return gettext(
            "a second value begins at column %(column)s: one object a line"
        ) % {"column": error.colno}
    return gettext("the line is not valid JSON at column %(column)s: %(fault)s") % {
        "column": error.colno,
        "fault": error.msg,
    }


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line a row."""
    for row in rows:
        yield dumps(row) + "\n"
