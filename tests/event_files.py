"""Reads TensorBoard's event files back, by the formats' own descriptions."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

FIXED64, VARINT, BYTES, FIXED32 = 1, 0, 2, 5


def frames(content: bytes) -> Iterator[bytes]:
    """The records of a TFRecord file: length, its checksum, content, its checksum."""
    place = 0
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        yield content[place + 12 : place + 12 + length]
        place += 12 + length + 4
    assert place == len(content)


def fields(message: bytes) -> Iterator[tuple[int, object]]:
    """(number, value) of each field of a message of protobuf."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind == BYTES:
            length, place = _varint(message, place)
            value, place = message[place : place + length], place + length
        else:
            size, letter = (8, "<d") if kind == FIXED64 else (4, "<f")
            (value,) = struct.unpack_from(letter, message, place)
            place += size
        yield number, value


def _varint(message: bytes, place: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        byte = message[place]
        found |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return found, place


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """(step, value) by tag, over all event files of a folder in their order."""
    found: dict[str, list[tuple[int, float]]] = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for record in frames(path.read_bytes()):
            told = dict(fields(record))
            for number, value in fields(told.get(5, b"")):
                assert number == 1
                scalar = dict(fields(value))
                tag = scalar[1].decode()
                found.setdefault(tag, []).append((told.get(2, 0), scalar[2]))
    return found
