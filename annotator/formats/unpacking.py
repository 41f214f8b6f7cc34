"""Unpack gzip, bzip2, xz and zstd, with bounds: a small file may hold a huge one."""

from __future__ import annotations

import bz2
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO

import zstandard

from annotator.domain.saying import gettext
from annotator.formats.rows import UnreadableFile

MAX_UNPACKED = 5_000_000_000
"""Bytes that one upload may become; what is larger is better imported in parts."""
MAX_RATIO = 300
"""Unpacked bytes for a packed one, beyond MAX_UNMEASURED; texts have 3 to 50."""
MAX_UNMEASURED = 100_000_000
MAX_WINDOW = 1 << 27
"""Bytes that an xz or zstd file may have its reader remember; --ultra takes no more."""
_FED = 2048
"""Packed bytes a step: of the worst file they become 64 MB."""


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to pack one file."""

    name: str
    magic: bytes
    ending: str
    new: Callable[[], Any]
    """A decompressor with `decompress`, `eof` and `unused_data`."""


_BZIP2 = (b"1AY&SY", b"\x17rE8P\x90")
"""What follows `BZh9`, in a file with and without content."""
_FAULTS = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
PACKINGS = (
    Packing("gzip", b"\x1f\x8b", "gz", lambda: zlib.decompressobj(31)),
    Packing("bzip2", b"BZh", "bz2", bz2.BZ2Decompressor),
    Packing(
        "xz",
        b"\xfd7zXZ\0",
        "xz",
        lambda: lzma.LZMADecompressor(memlimit=MAX_WINDOW + (1 << 20)),
    ),
    Packing(
        "zstd",
        b"\x28\xb5\x2f\xfd",
        "zst",
        lambda: zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj(),
    ),
)


@dataclass(slots=True)
class Budget:
    """Bytes that one upload, with all that is packed in it, may still become."""

    most: int = field(default_factory=lambda: MAX_UNPACKED)
    spent: int = 0

    def spend(self, size: int, name: str) -> None:
        """UnreadableFile once it is too much."""
        self.spent += size
        if self.spent > self.most:
            raise UnreadableFile(
                gettext(
                    "%(name)s holds more than %(most)s bytes when unpacked: unpack it "
                    "and import it in parts."
                )
                % {"name": name, "most": f"{self.most:,}"}
            )


def packing_of(start: bytes) -> Packing | None:
    """By the first bytes of a file."""
    found = next((each for each in PACKINGS if start.startswith(each.magic)), None)
    is_word = found and found.magic.isalnum()  # a column may be called BZh
    return None if is_word and start[4:10] not in _BZIP2 else found


def unpacked(
    file: BinaryIO, packing: Packing, *, name: str, budget: Budget
) -> IO[bytes]:
    """The file within, at its start, on disk; UnreadableFile if it cannot be had.

    Packed files that were joined with cat are one.
    """
    try:
        return on_disk(_pieces(file, packing), file.tell, name=name, budget=budget)
    except _FAULTS as fault:
        raise UnreadableFile(
            gettext(
                "%(name)s is compressed with %(packing)s and broken (%(fault)s): "
                "unpack it first, or fetch it again."
            )
            % {"name": name, "packing": packing.name, "fault": fault}
        ) from None


def on_disk(
    pieces: Iterable[bytes], packed: Callable[[], int], *, name: str, budget: Budget
) -> IO[bytes]:
    """A file of these pieces, at its start; `packed` is how many bytes they were."""
    inner = tempfile.TemporaryFile()  # noqa: SIM115 (the reader closes it)
    try:
        for piece in pieces:
            inner.write(piece)
            budget.spend(len(piece), name)
            _refuse_bomb(inner.tell(), packed(), name)
    except BaseException:
        inner.close()
        raise
    inner.seek(0)
    return inner


def _refuse_bomb(size: int, packed: int, name: str) -> None:
    if size > MAX_UNMEASURED and size > MAX_RATIO * packed:
        raise UnreadableFile(
            gettext(
                "%(name)s becomes more than %(most)s times its size when unpacked, "
                "which no text does: if it is right, unpack it first and import "
                "the file in it."
            )
            % {"name": name, "most": MAX_RATIO}
        )


def _pieces(file: BinaryIO, packing: Packing) -> Iterator[bytes]:
    rest = file.read(_FED)
    while rest:
        stream = packing.new()
        while not stream.eof:
            if not rest:
                raise EOFError("it ends too early")
            yield stream.decompress(rest)
            rest = b"" if stream.eof else file.read(_FED)
        rest = _next_stream(stream.unused_data, file, packing)


def _next_stream(rest: bytes, file: BinaryIO, packing: Packing) -> bytes:
    """What begins behind a stream and its padding; empty at the end."""
    rest = rest.lstrip(b"\0")
    while len(rest) < len(packing.magic) and (more := file.read(_FED)):
        rest = (rest + more).lstrip(b"\0")
    if rest and not rest.startswith(packing.magic):
        raise EOFError("something else follows what was packed")
    return rest
