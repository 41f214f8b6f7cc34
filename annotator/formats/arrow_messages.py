"""How large the batches of an Arrow file or stream become, from their headers: whoever
reads a batch reads all of it.

Each is a message: its header (FlatBuffers; the format is in Arrow's `Message.fbs` and
`File.fbs`), then the bytes of its columns. Where these are compressed each column says
at its start how many bytes it unpacks to.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats.rows import UnreadableFile

ARROW_FILE = gettext_noop("an Arrow file")
ARROW_STREAM = gettext_noop("an Arrow stream")
MAX_BATCH_BYTES = 256_000_000
"""Of a batch, and of all lists of words together, unpacked; writers make batches of
some hundred or thousand rows."""
MAX_HEADER_BYTES = 16 << 20
_GOES_ON = b"\xff\xff\xff\xff"
_WORDS, _ROWS = 2, 3
"""The kinds of a message with a list of words, and with rows."""
_FAULTS = (struct.error, ValueError)
_BLOCK, _BUFFER = 24, 16


@dataclass(frozen=True, slots=True)
class Message:
    """What a header says."""

    kind: int
    body: int
    """Bytes behind the header."""
    unpacked: int
    """What becomes of them."""
    words: int = 0
    """The number of the list of words that it is."""
    adds: bool = False
    """Whether it goes on with that list, and does not replace it."""


def check_file(file: BinaryIO, name: str) -> None:
    """UnreadableFile for a batch that is too large, or does not lie where the file
    says; the file is left at its start."""
    try:
        _check(name, ARROW_FILE, (_message(file, *at) for at in _blocks(file)))
    finally:
        file.seek(0)


def check_stream(file: BinaryIO, name: str) -> None:
    """The same of a stream."""
    try:
        _check(name, ARROW_STREAM, _messages(file))
    finally:
        file.seek(0)


def _check(name: str, kind: str, messages: Iterator[Message]) -> None:
    words: dict[int, int] = {}
    try:
        for message in messages:
            size = max(message.body, message.unpacked)
            if message.kind == _WORDS:
                before = words.get(message.words, 0) if message.adds else 0
                words[message.words] = before + size
                size = sum(words.values())
            if size > MAX_BATCH_BYTES:
                raise _too_large(name, size)
    except UnreadableFile:
        raise
    except _FAULTS:
        raise UnreadableFile(
            gettext(
                "%(name)s is %(kind)s that cannot be read (its batches do not lie "
                "where it says): write it again, or save it as JSONL."
            )
            % {"name": name, "kind": gettext(kind)}
        ) from None


def _too_large(name: str, size: int) -> UnreadableFile:
    return UnreadableFile(
        gettext(
            "%(name)s has a batch of %(size)s bytes; %(most)s are allowed, since a "
            "batch is read as a whole: write the file again with fewer rows a batch "
            "(max_chunksize, chunksize), or save it as Parquet or JSONL."
        )
        % {"name": name, "size": f"{size:,}", "most": f"{MAX_BATCH_BYTES:,}"}
    )


def _messages(file: BinaryIO) -> Iterator[Message]:
    size, place = file.seek(0, 2), 0
    while place < size:
        file.seek(place)
        start = file.read(8)
        length = int.from_bytes(start[-4:], "little")
        begin = 8
        if start[:4] != _GOES_ON:  # as it was written before 0.15
            length, begin = int.from_bytes(start[:4], "little"), 4
        if not length:
            return
        message = _message(file, place, begin + length)
        yield message
        place += begin + length + message.body


def _blocks(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where the headers of a file's batches begin, and how long they are."""
    size = file.seek(-10, 2)
    length = int.from_bytes(file.read(4), "little")
    if length > min(size, MAX_HEADER_BYTES):
        raise ValueError("an index that is longer than its file")
    file.seek(size - length)
    footer = _Table.root(file.read(length))
    for field in (2, 3):  # of lists of words, of rows
        for place in footer.structs(field, _BLOCK):
            yield struct.unpack_from("<qi", footer.written, place)


def _message(file: BinaryIO, place: int, length: int) -> Message:
    """The message whose header, with what says its length, is so long."""
    if not 8 < length <= MAX_HEADER_BYTES or place < 0:
        raise ValueError("no header")
    file.seek(place)
    written = file.read(length)
    found = _Table.root(written[8 if written[:4] == _GOES_ON else 4 :])
    kind, body = found.number(1, "<B"), found.number(3, "<q")
    if body < 0:
        raise ValueError("a body of less than nothing")
    if kind not in (_WORDS, _ROWS):
        return Message(kind, body, 0)
    about = found.table(2)
    batch = about.table(1) if kind == _WORDS else about
    unpacked = _unpacked(file, place + length, batch)
    if kind == _ROWS:
        return Message(kind, body, unpacked)
    return Message(
        kind, body, unpacked, about.number(0, "<q"), bool(about.number(2, "<B"))
    )


def _unpacked(file: BinaryIO, body: int, batch: _Table) -> int:
    """What the columns that lie from `body` on become."""
    is_packed, whole = batch.has(3), 0
    for place in batch.structs(2, _BUFFER):
        offset, length = struct.unpack_from("<qq", batch.written, place)
        if offset < 0 or length < 0:
            raise ValueError("a column of less than nothing")
        if is_packed and length:
            file.seek(body + offset)
            (said,) = struct.unpack("<q", file.read(8))
            length = max(length, said)  # -1: this one is not packed
        whole += length
    return whole


class _Table:
    """A table of FlatBuffers; struct.error where it points beyond its bytes."""

    def __init__(self, written: bytes, place: int) -> None:
        self.written = written
        self.place = place

    @classmethod
    def root(cls, written: bytes) -> _Table:
        return cls(written, _read(written, 0, "<I"))

    def number(self, field: int, kind: str) -> int:
        """0 where it is not said."""
        place = self._at(field)
        return _read(self.written, place, kind) if place else 0

    def has(self, field: int) -> bool:
        return bool(self._at(field))

    def table(self, field: int) -> _Table:
        return _Table(self.written, self._pointed(field))

    def structs(self, field: int, size: int) -> range:
        """Where those of a list begin."""
        if not self.has(field):
            return range(0)
        place = self._pointed(field)
        count = _read(self.written, place, "<I")
        if place + 4 + count * size > len(self.written):
            raise ValueError("a list that is longer than its header")
        return range(place + 4, place + 4 + count * size, size)

    def _pointed(self, field: int) -> int:
        place = self._at(field)
        if not place:
            raise ValueError("a part that is not there")
        return place + _read(self.written, place, "<I")

    def _at(self, field: int) -> int:
        """Where a field stands; 0: nowhere."""
        fields = self.place - _read(self.written, self.place, "<i")
        place = 4 + 2 * field
        if place >= _read(self.written, fields, "<H"):
            return 0
        offset = _read(self.written, fields + place, "<H")
        return self.place + offset if offset else 0


def _read(written: bytes, place: int, kind: str) -> int:
    if place < 0:
        raise ValueError("a place before the start")
    found: int = struct.unpack_from(kind, written, place)[0]
    return found
