"""Find out what a file is, and read its pairs."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import IO, BinaryIO, cast

from annotator.formats import csv_pairs, encodings, json_pairs, jsonl_pairs
from annotator.formats.csv_header import excel_separator, header_of
from annotator.formats.first_bytes import GZIP, START, kind_of
from annotator.formats.json_values import loads
from annotator.formats.rows import FileRemark, Row, RowProblem, UnreadableFile
from annotator.formats.unpacking import unpacked

Reader = Callable[[BinaryIO], Iterator[Row]]
READERS: dict[str, Reader] = {
    "json": json_pairs.read,
    "jsonl": jsonl_pairs.read,
    "csv": csv_pairs.read,
}
_ENDINGS = {"ndjson": "jsonl", "tsv": "csv", **{name: name for name in READERS}}
FIRST_ROWS = 50
"""If all of them are of another format, the whole file is."""
MAX_HEADER = 200_000

__all__ = ["READERS", "UnreadableFile", "read_pairs"]


def read_pairs(file: BinaryIO, *, name: str) -> Iterator[Row]:
    """Read pairs from a seekable file: good rows, and problems with their numbers.

    The format is told by what the file holds, and by the ending of its name where that
    says nothing; gzip is unpacked. Raises UnreadableFile where the file as a whole is
    of no use.
    """
    start = file.read(START)
    file.seek(0)
    if not start.startswith(GZIP):
        return _checked(file, name)
    inner = unpacked(file, name=name)
    try:
        rows = _checked(cast(BinaryIO, inner), name.removesuffix(".gz"))
    except UnreadableFile:
        inner.close()
        raise
    return _closing(rows, inner)


def _closing(rows: Iterator[Row], inner: IO[bytes]) -> Iterator[Row]:
    with inner:
        yield FileRemark(message="The file was compressed with gzip, and was unpacked.")
        yield from rows


def _checked(file: BinaryIO, name: str) -> Iterator[Row]:
    if kind := kind_of(file.read(START)):
        raise UnreadableFile(f"{name} is {kind}.")
    encodings.check(file, name=name)
    rows = READERS[_format(file, name)](file)
    first = list(islice(rows, FIRST_ROWS))
    problems = [row for row in first if not isinstance(row, FileRemark)]
    if not problems:
        raise UnreadableFile(f"{name} holds no rows.")
    if all(map(_is_other_format, problems)):
        message = cast(RowProblem, problems[0]).message
        raise UnreadableFile(f"{name} cannot be read as pairs: {message}.")
    return chain(first, rows)


def _is_other_format(row: Row) -> bool:
    return isinstance(row, RowProblem) and row.is_other_format


def _format(file: BinaryIO, name: str) -> str:
    """The file is left at its start."""
    line = _first_line(file)
    rest = file.readline()
    file.seek(0)
    if not line.strip():
        raise UnreadableFile(f"{name} is empty.")
    ending = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    if line.startswith("["):
        return "json"
    if line.startswith("{"):
        return _of_objects(file, line, ending, is_only_line=not rest)
    if ending == "csv" or _is_header(line):
        return "csv"
    if ending:
        return ending
    raise UnreadableFile(f"{name} is none of {', '.join(READERS)}.")


def _first_line(file: BinaryIO) -> str:
    """The first line that is not blank, as much of it as is looked at."""
    file.seek(0)
    while piece := file.readline(jsonl_pairs.MAX_LINE_BYTES + 1):
        text = piece.removeprefix(codecs.BOM_UTF8).lstrip()
        if text:
            return text.decode("utf-8", "replace")
    return ""


def _of_objects(file: BinaryIO, line: str, ending: str, *, is_only_line: bool) -> str:
    """One object a line, or objects that go over several lines or around a list."""
    if len(line) > jsonl_pairs.MAX_LINE_BYTES:
        return ending if ending in ("json", "jsonl") else "jsonl"
    try:
        loads(line)
    except json.JSONDecodeError as fault:
        breaks_off = fault.pos >= len(line.rstrip())
        if breaks_off and _is_json(file):
            return "json"
        return "json" if ending == "json" and breaks_off else "jsonl"
    except (ValueError, RecursionError):
        return "jsonl"
    return "json" if is_only_line else "jsonl"


def _is_json(file: BinaryIO) -> bool:
    try:
        json_pairs.decoded(file.read().decode("utf-8-sig", "surrogateescape"))
    except UnreadableFile:
        return False
    finally:
        file.seek(0)
    return True


def _is_header(line: str) -> bool:
    """Whether it names what a pair has; `sep=;` is Excel's."""
    if excel_separator(line):
        return True
    try:
        return not header_of(line[:MAX_HEADER]).lacks
    except UnreadableFile:
        return False
