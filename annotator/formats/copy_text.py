"""PostgreSQL's text format, as COPY reads it: a line a row, tabs between its values."""

from __future__ import annotations

from collections.abc import Sequence

NULL = "\\N"


def line_of(values: Sequence[str]) -> str:
    """The values as one line, without its end.

    ValueError: one of them holds a NUL, which no text of the database can.
    """
    line = "\0".join(values)
    if line.count("\0") >= len(values):
        raise ValueError("A value contains a NUL character.")
    if "\\" in line:
        line = line.replace("\\", "\\\\")
    if "\n" in line:
        line = line.replace("\n", "\\n")
    if "\r" in line:
        line = line.replace("\r", "\\r")
    if "\t" in line:
        line = line.replace("\t", "\\t")
    return line.replace("\0", "\t")
