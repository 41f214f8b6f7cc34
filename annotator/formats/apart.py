"""Read a file in a process of its own: a second core, and memory with a bound.

    python -m annotator.formats.apart < order > chunks

The order comes pickled on stdin; on stdout go pickled chunks, each behind its length,
and at the end what ended the reading. Whoever ordered them may close the pipe at any
time: the process ends with its next chunk.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from gettext import GNUTranslations
from pathlib import Path
from typing import IO

from annotator.domain import saying
from annotator.formats.meanings import Meaning
from annotator.formats.prepared import Chunk, Preparing
from annotator.formats.rows import UnreadableFile

_LENGTH = 8
_SELDOM = (100_000, 20, 20)
"""Garbage: rows go by, and few of them hold rings."""
_ENDS = (UnreadableFile, OSError)


class ReaderDied(RuntimeError):
    """The process that read was ended, or failed; what it sent is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be read."""

    path: str
    meaning: Meaning
    behind: int
    """Rows and remarks that are stored already."""
    most: int
    """Rows and remarks of a chunk."""
    named: frozenset[str]
    keeps_rows: bool
    catalogue: str = ""
    """File of the language that what is wrong is said in; empty: English."""

    def chunks(self) -> Generator[Chunk]:
        """Read it here; raises UnreadableFile, and OSError for a missing file."""
        preparing = Preparing(named=set(self.named), keeps_rows=self.keeps_rows)
        with Path(self.path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            rows = self.meaning.rows(file)
            yield from preparing.chunks(
                rows, behind=self.behind, most=self.most, size=size
            )


def chunks(order: Order) -> Generator[Chunk]:
    """The same from a process of its own, which ends with this iterator.

    Raises as `Order.chunks`, and ReaderDied.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise ReaderDied("There is no pipe to the reading process.")
        with process.stdin as sink:
            sink.write(pickle.dumps(order))
        while isinstance(found := _received(process.stdout), Chunk):
            yield found
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    if found is not None:
        raise found


def _received(source: IO[bytes]) -> Chunk | BaseException | None:
    """A chunk, what went wrong, or None at the end."""
    length = source.read(_LENGTH)
    size = int.from_bytes(length, "big")
    sent = source.read(size) if len(length) == _LENGTH else b""
    if not sent or len(sent) < size:
        return ReaderDied("The reading process was ended.")
    found: Chunk | BaseException | None = pickle.loads(sent)  # noqa: S301 - our own process sent it
    return found


def _send(sink: IO[bytes], found: Chunk | BaseException | None) -> None:
    sent = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    sink.write(len(sent).to_bytes(_LENGTH, "big") + sent)
    sink.flush()


def main() -> None:
    gc.set_threshold(*_SELDOM)
    order: Order = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
    if order.catalogue:
        with Path(order.catalogue).open("rb") as file:
            saying.speak_by(GNUTranslations(file).gettext)
    sink = sys.stdout.buffer
    end: BaseException | None = None
    try:
        for chunk in order.chunks():
            _send(sink, chunk)
    except BrokenPipeError:
        return
    except _ENDS as fault:
        end = fault
    _send(sink, end)


if __name__ == "__main__":
    main()
