"""TensorBoard's event files, written by hand: frames of bytes with checksums, each an
Event of protobuf of which five fields are needed (docs/adr/0041)."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

VERSION = b"brain.Event:2"
_CASTAGNOLI = 0x82F63B78
_MASK = 0xA282EAD8
_WORD = 0xFFFFFFFF
# Field numbers and wire types, as tensorflow/core/util/event.proto and
# framework/summary.proto have them.
_WALL_TIME, _STEP, _FILE_VERSION, _SUMMARY = b"\x09", b"\x10", b"\x1a", b"\x2a"
_VALUE, _TAG, _SIMPLE_VALUE = b"\x0a", b"\x0a", b"\x15"


class EventFile:
    """One file of events; a run that goes on begins another one beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        name = f"events.out.tfevents.{int(now)}.{socket.gethostname()}.{os.getpid()}"
        taken = len(list(folder.glob(f"{name}*")))
        self._file: IO[bytes] = (folder / f"{name}.{taken}").open("wb")
        self._write(event(now, _FILE_VERSION + _bytes(VERSION)))

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None:
        """Add values by their tags; `at` is seconds since 1970."""
        self._write(event(at, _STEP + _varint(step) + summary(values)))

    def close(self) -> None:
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._file.write(frame(content))
        self._file.flush()


def event(at: float, rest: bytes) -> bytes:
    """An Event of this moment."""
    return _WALL_TIME + struct.pack("<d", at) + rest


def summary(values: Mapping[str, float]) -> bytes:
    """The Summary of some scalars."""
    told = b"".join(_VALUE + _bytes(_scalar(tag, v)) for tag, v in values.items())
    return _SUMMARY + _bytes(told)


def _scalar(tag: str, value: float) -> bytes:
    return _TAG + _bytes(tag.encode()) + _SIMPLE_VALUE + struct.pack("<f", value)


def _bytes(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; `number` from 0 on."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def frame(content: bytes) -> bytes:
    """A record of the TFRecord format: length, content, and a checksum of each."""
    length = struct.pack("<Q", len(content))
    return length + _masked(length) + content + _masked(content)


def _masked(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + _MASK) & _WORD)


def crc32c(content: bytes) -> int:
    """The checksum of RFC 3720, which zlib has not."""
    crc = _WORD
    for byte in content:
        crc = _table()[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ _WORD


@cache
def _table() -> list[int]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CASTAGNOLI if crc & 1 else 0)
        found.append(crc)
    return found
