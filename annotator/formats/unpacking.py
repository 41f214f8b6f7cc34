"""Unpack gzip, with a bound: a small file may hold a very large one."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from typing import IO, BinaryIO

from annotator.formats.rows import UnreadableFile

MAX_UNPACKED = 1_000_000_000
"""Bytes; what is larger is better imported in parts."""
_PIECE = 1 << 20


def unpacked(file: BinaryIO, *, name: str) -> IO[bytes]:
    """The file within, at its start, on disk; UnreadableFile if it cannot be had."""
    inner = tempfile.TemporaryFile()  # noqa: SIM115 (the reader closes it)
    try:
        _copy(file, inner, name)
    except (EOFError, OSError, zlib.error, UnreadableFile) as fault:
        inner.close()
        if isinstance(fault, UnreadableFile):
            raise
        raise UnreadableFile(
            f"{name} is compressed with gzip and broken ({fault}): unpack it first, or "
            "fetch it again."
        ) from None
    inner.seek(0)
    return inner


def _copy(file: BinaryIO, inner: IO[bytes], name: str) -> None:
    with gzip.GzipFile(fileobj=file) as packed:
        while piece := packed.read(_PIECE):
            inner.write(piece)
            if inner.tell() > MAX_UNPACKED:
                raise UnreadableFile(
                    f"{name} holds more than {MAX_UNPACKED:,} bytes when unpacked: "
                    "unpack it and import it in parts."
                )
