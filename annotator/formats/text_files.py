"""Which of the text formats a file is: by its first line, then by its name."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from annotator.domain.saying import gettext
from annotator.formats import csv_pairs, json_pairs, jsonl_pairs
from annotator.formats.csv_header import excel_separator, header_of
from annotator.formats.json_values import loads
from annotator.formats.rows import ReadRow, Row, UnreadableFile

TextReader = Callable[[BinaryIO, ReadRow], Iterator[Row]]
READERS: dict[str, TextReader] = {
    "json": json_pairs.read,
    "jsonl": jsonl_pairs.read,
    "csv": csv_pairs.read,
}
_ENDINGS = {
    "ndjson": "jsonl",
    "tsv": "csv",
    "tab": "csv",
    **{name: name for name in READERS},
}
MAX_HEADER = 200_000


def reader_of(file: BinaryIO, name: str, *, any_columns: bool) -> TextReader:
    """The reader of a file in UTF-8, which is left at its start.

    With `any_columns` a table may lack what a pair needs.
    """
    kind = _format(file, name, any_columns=any_columns)
    return READERS[kind]


def _format(file: BinaryIO, name: str, *, any_columns: bool) -> str:
    """The file is left at its start."""
    line = _first_line(file)
    rest = file.readline(MAX_HEADER).decode("utf-8", "replace")
    file.seek(0)
    if not line.strip():
        raise UnreadableFile(gettext("%(name)s is empty.") % {"name": name})
    ending = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    if line.startswith("["):
        return "json"
    if line.startswith("{"):
        if rest and not line.endswith("\n"):  # more of it than is looked at
            return ending if ending in ("json", "jsonl") else "jsonl"
        return _of_objects(file, line, ending, is_only_line=not rest)
    if ending == "csv" or _is_header(line, rest if any_columns else ""):
        return "csv"
    if ending:
        return ending
    raise UnreadableFile(
        gettext("%(name)s is none of %(known)s.")
        % {"name": name, "known": ", ".join(READERS)}
    )


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
    try:
        value = loads(line)
    except json.JSONDecodeError as fault:
        breaks_off = fault.pos >= len(line.rstrip())
        if breaks_off and json_pairs.is_begun(file):
            return "json"
        return "json" if ending == "json" and breaks_off else "jsonl"
    except (ValueError, RecursionError):
        return "jsonl"
    return "json" if is_only_line and not _is_row(value, ending) else "jsonl"


def _is_row(value: object, ending: str) -> bool:
    """Whether the only line of a file of lines is a row, and holds no list of them."""
    inner = value.values() if isinstance(value, dict) else ()
    return ending == "jsonl" and not any(isinstance(each, list) for each in inner)


def _is_header(line: str, below: str) -> bool:
    """Whether it names what a pair has, or names as many things as the line `below`
    has; `sep=;` is Excel's."""
    if excel_separator(line):
        return True
    try:
        header = header_of(line[:MAX_HEADER])
    except UnreadableFile:
        return False
    parts = len(header.raw)
    return not header.lacks or 1 < parts == 1 + below.count(header.separator)
