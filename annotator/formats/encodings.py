"""Which encoding a file is in; what is not UTF-8 is converted, or refused in words.

UTF-16 and simplified Chinese in GB18030 are told apart; Big5, EUC-KR and Latin-1 look
alike to a program, and a wrong guess would be text that nobody wrote: a person may name
them. In a file in UTF-8 a wrong byte costs its row.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO

from annotator.domain.saying import gettext
from annotator.formats import chinese
from annotator.formats.rows import UnreadableFile
from annotator.formats.unpacking import Budget, on_disk

NAMES = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
    *("gb18030", "gbk", "big5", "big5hkscs", "shift_jis", "cp932", "euc_jp"),
    *("iso2022_jp", "euc_kr", "cp949", "latin-1", "iso8859-2", "iso8859-5"),
    *("iso8859-7", "iso8859-9", "iso8859-15", "cp1250", "cp1251", "cp1252"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8-r"),
    *("koi8-u", "cp866", "cp874", "mac-roman"),
)
"""Those that a person may name, in any spelling that Python knows."""
_CODECS = {codecs.lookup(name).name: name for name in NAMES}
_PIECE = 1 << 20
_BAD = re.compile("[\ud800-\udfff]")
FEW = 4
"""So many wrong bytes may be accidents."""
MANY = 200_000


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

    @property
    def is_plain(self) -> bool:
        """Whether no accident explains so many wrong bytes."""
        return self.wrong > MANY and self.wrong > 2 * self.right


def in_utf8(
    file: BinaryIO, *, name: str, encoding: str, budget: Budget
) -> tuple[IO[bytes] | None, str]:
    """The file converted, on disk, and which encoding it was in; None if it is UTF-8.

    `encoding` is what a person said of it, or empty. UnreadableFile: it is not that, or
    none can be told.
    """
    known = _named(encoding) if encoding else wide(file)
    if known in ("", "utf-8"):
        if signs(file).is_utf8:
            return None, ""
        known = "" if known or not chinese.is_gb18030(file) else "gb18030"
    if not known:
        raise UnreadableFile(
            gettext(
                "%(name)s is not UTF-8 (a Chinese file is often GB18030 or GBK, "
                "one from Windows often of that country's encoding): save it as "
                "UTF-8 and try again, or name its encoding."
            )
            % {"name": name}
        )
    return _converted(file, known, name=name, budget=budget), known


def _named(encoding: str) -> str:
    try:
        return _CODECS[codecs.lookup(encoding).name]
    except LookupError:
        raise UnreadableFile(
            gettext("%(encoding)r is no encoding that is read: name one of %(names)s.")
            % {"encoding": encoding[:50], "names": ", ".join(NAMES)}
        ) from None


def wide(file: BinaryIO) -> str:
    """UTF-16 or 32 by its mark, or by the NULs beside ASCII; empty for any other."""
    file.seek(0)
    start = file.read(64)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    is_wide = start.count(0) >= len(start) / 4 and start[:2].count(0) == 1
    if not is_wide or start[2:4] == b"\0\0":
        return ""
    return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"


def _converted(
    file: BinaryIO, encoding: str, *, name: str, budget: Budget
) -> IO[bytes]:
    file.seek(0)
    return on_disk(_pieces(file, encoding, name), file.tell, name=name, budget=budget)


def _pieces(file: BinaryIO, encoding: str, name: str) -> Iterator[bytes]:
    """Strictly decoded; only half signs of UTF-16 are left to cost their rows."""
    errors = "surrogatepass" if encoding.startswith("utf-16") else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    before, piece = 0, b"?"
    while piece:
        piece = file.read(_PIECE)
        kept = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as fault:
            byte = before - kept + fault.start + 1
            raise UnreadableFile(
                gettext(
                    "%(name)s is not %(encoding)s at its byte %(byte)s: name the "
                    "encoding that it is in, or save it as UTF-8 and try again."
                )
                % {"name": name, "encoding": encoding.upper(), "byte": f"{byte:,}"}
            ) from None
        before += len(piece)
        yield text.encode("utf-8", "surrogatepass")


def signs(file: BinaryIO) -> Signs:
    """Count them, in constant memory, until it is plain that the file is not UTF-8."""
    found = Signs()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    file.seek(0)
    while not found.is_plain and (piece := file.read(_PIECE)):
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
