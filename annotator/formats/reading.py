"""Find out what a file is, and read its pairs."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO

from annotator.formats import csv_pairs, json_pairs, jsonl_pairs
from annotator.formats.keys import RAW_KEYS
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile

Reader = Callable[[BinaryIO], Iterator[PairRow | RowProblem]]
READERS: dict[str, Reader] = {
    "json": json_pairs.read,
    "jsonl": jsonl_pairs.read,
    "csv": csv_pairs.read,
}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SNIFFED = 1024
"""Bytes that tell the format: room for a CSV header."""

__all__ = ["READERS", "UnreadableFile", "read_pairs"]


def read_pairs(
    file: BinaryIO, *, name: str, format: str | None = None
) -> Iterator[PairRow | RowProblem]:
    """Read pairs from a seekable file: good rows, and problems with their numbers.

    The format is the given one, else told by the name's ending, else by the first
    bytes. Raises UnreadableFile where the file as a whole is of no use.
    """
    start = file.read(SNIFFED)
    file.seek(0)
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableFile(f"{name} is empty.")
    # All three formats begin with ASCII: a NUL there is half of a wider sign.
    if start.startswith(UTF16) or b"\0" in start[:4]:
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
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    by_sign = {b"[": "json", b"{": "jsonl"}
    return by_sign.get(text[:1]) or ("csv" if _is_header(text) else "")


def _is_header(text: bytes) -> bool:
    names = text.splitlines()[0].decode("utf-8", "replace").split(",")
    found = {name.strip().strip('"') for name in names}
    return len(names) > 1 and not found.isdisjoint(RAW_KEYS["instruction"])
