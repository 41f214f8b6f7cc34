"""Find out what a file is, and read its pairs."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO

from annotator.formats import csv_pairs, json_pairs, jsonl_pairs
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile

Reader = Callable[[BinaryIO], Iterator[PairRow | RowProblem]]
READERS: dict[str, Reader] = {
    "json": json_pairs.read,
    "jsonl": jsonl_pairs.read,
    "csv": csv_pairs.read,
}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

__all__ = ["READERS", "UnreadableFile", "read_pairs"]


def read_pairs(
    file: BinaryIO, *, name: str, format: str | None = None
) -> Iterator[PairRow | RowProblem]:
    """Read pairs from a seekable file: good rows, and problems with their numbers.

    The format is the given one, else told by the name's ending, else by the first
    character. Raises UnreadableFile where the file as a whole is of no use.
    """
    start = file.read(64)
    file.seek(0)
    if not start.strip():
        raise UnreadableFile(f"{name} is empty.")
    if start.startswith(UTF16):
        raise UnreadableFile(f"{name} is UTF-16: save it as UTF-8 and try again.")
    kind = format or _by_name(name) or _by_start(start)
    if kind not in READERS:
        known = ", ".join(READERS)
        raise UnreadableFile(f"{name} is none of {known}.")
    return READERS[kind](file)


def _by_name(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return {"ndjson": "jsonl"}.get(ending, ending if ending in READERS else "")


def _by_start(start: bytes) -> str:
    first = start.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return {b"[": "json", b"{": "jsonl"}.get(first, "")
