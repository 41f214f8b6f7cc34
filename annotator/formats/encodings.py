"""Whether a whole file is UTF-8: a wrong byte costs its row, a wrong encoding the file.

Nothing is guessed: GB18030, Big5, EUC-KR and Latin-1 look alike to a program, and a
wrong guess would be text that nobody wrote.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from annotator.formats.rows import UnreadableFile

_PIECE = 1 << 20
_BAD = re.compile("[\ud800-\udfff]")
FEW = 4
"""So many wrong bytes may be accidents."""


@dataclass(slots=True)
class Signs:
    """What stands in a file beside ASCII."""

    right: int = 0
    """Characters in UTF-8."""
    wrong: int = 0
    """Bytes that are no UTF-8."""

    @property
    def is_utf8(self) -> bool:
        return self.wrong < FEW or self.wrong <= self.right


def check(file: BinaryIO, *, name: str) -> None:
    """Refuse a file of another encoding; it is read once, and left at its start."""
    if not signs(file).is_utf8:
        raise UnreadableFile(
            f"{name} is not UTF-8 (a Chinese file is often GB18030 or GBK, one from "
            "Windows often of that country's encoding): save it as UTF-8 and try again."
        )


def signs(file: BinaryIO) -> Signs:
    """Count them, in constant memory."""
    found = Signs()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    file.seek(0)
    while piece := file.read(_PIECE):
        _count(decoder.decode(piece), found)
    _count(decoder.decode(b"", final=True), found)
    file.seek(0)
    return found


def _count(text: str, found: Signs) -> None:
    if text.isascii():
        return
    wrong = 0
    try:
        text.encode()
    except UnicodeEncodeError:
        wrong = len(_BAD.findall(text))
    found.wrong += wrong
    found.right += len(text) - len(text.encode("ascii", "ignore")) - wrong
