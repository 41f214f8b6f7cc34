"""Read the pairs of a file, whatever it is and is packed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import BinaryIO, cast

from annotator.domain.saying import gettext
from annotator.formats import keys
from annotator.formats.opening import Reading, rows_of
from annotator.formats.row_stream import RowStream
from annotator.formats.rows import (
    FileRemark,
    ReadRow,
    Row,
    RowProblem,
    UnknownShape,
    UnreadableFile,
)

FIRST_ROWS = 50
"""If all of them are of another format, the whole file is."""

__all__ = ["UnknownShape", "UnreadableFile", "raw_rows", "read_pairs"]


def read_pairs(
    file: BinaryIO,
    *,
    name: str,
    read_row: ReadRow = keys.read_row,
    encoding: str | None = None,
    any_columns: bool = False,
) -> RowStream:
    """Read pairs from a seekable file: good rows, and problems with their numbers.

    What the file is is told by its bytes, and by the ending of its name where these
    say nothing; what it is packed in is unpacked. Each reading gives the same rows in
    the same order; the stream's `share` says how far it is.

    Args:
        read_row: what a decoded row means.
        encoding: one of `encodings.NAMES`, taken at its word; None: it is told apart.
        any_columns: tables may lack what a pair needs; `read_row` finds it elsewhere.

    Raises UnreadableFile where the file as a whole is of no use, UnknownShape where
    only the meaning of its rows is not known; the stream raises the first where a fault
    is found behind the first rows.
    """
    how = Reading(read_row=read_row, encoding=encoding or "", any_columns=any_columns)
    rows = rows_of(file, name, how)
    first = list(islice(rows, FIRST_ROWS))
    problems = [row for row in first if not isinstance(row, FileRemark)]
    if not problems:
        raise UnreadableFile(gettext("%(name)s holds no rows.") % {"name": name})
    if all(map(_is_other_format, problems)):
        first_problem = cast(RowProblem, problems[0])
        raise UnknownShape(
            gettext("%(name)s cannot be read as pairs: %(problem)s (row %(row)s).")
            % {
                "name": name,
                "problem": first_problem.message,
                "row": first_problem.number,
            }
        )
    return RowStream(chain(first, rows), lambda: rows.share)


def _is_other_format(row: Row) -> bool:
    return isinstance(row, RowProblem) and row.is_other_format


def raw_rows(
    file: BinaryIO, *, name: str, encoding: str | None = None
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The objects of a file with their numbers, whatever their keys are called.

    What is no object, or cannot be decoded, is passed over. Raises as `read_pairs`.
    """
    found: list[tuple[int, Mapping[str, object]]] = []

    def keep(number: int, row: object) -> RowProblem:
        if isinstance(row, Mapping):
            found.append((number, row))
        return RowProblem(number=number, message="", source="")

    stream = read_pairs(
        file, name=name, read_row=keep, encoding=encoding, any_columns=True
    )
    for _ in stream:
        yield from found
        found.clear()
