"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs

from annotator.domain.saying import gettext, gettext_noop

START = 4096
"""Bytes to look at."""

_TABLE = gettext_noop("save it as CSV (UTF-8), JSON or JSONL and import that")
_UNPACK = gettext_noop("unpack it first and import the file in it")
_OTHERS = gettext_noop("pairs are read from JSON, CSV, Parquet or Excel")
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x04\x22\x4d\x18", gettext_noop("compressed with lz4"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", gettext_noop("a 7z archive"), _UNPACK),
    (b"Rar!\x1a\x07", gettext_noop("a RAR archive"), _UNPACK),
    (
        b"PARE",
        gettext_noop("an encrypted Parquet file"),
        gettext_noop("write it without encryption and try again"),
    ),
    (
        b"FEA1",
        gettext_noop("a Feather file of version 1"),
        gettext_noop("write it as version 2, or as Parquet"),
    ),
    (b"ORC", gettext_noop("an ORC file"), _TABLE),
    (b"Obj\x01", gettext_noop("an Avro file"), _TABLE),
    (b"\x89HDF\r\n\x1a\n", gettext_noop("an HDF5 file"), _TABLE),
    (b"\x93NUMPY", gettext_noop("a NumPy array"), _TABLE),
    (b"SQLite format 3\0", gettext_noop("an SQLite database"), _TABLE),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        gettext_noop("an old Excel or Office file, or one with a password"),
        _TABLE,
    ),
    *(
        (
            bytes((0x80, version)),
            gettext_noop("a Python pickle, which is never opened"),
            _TABLE,
        )
        for version in range(2, 6)
    ),
    (b"%PDF-", gettext_noop("a PDF"), _OTHERS),
    (
        b"{\\rtf",
        gettext_noop("an RTF document"),
        gettext_noop("save it as plain text in UTF-8"),
    ),
    (b"\x89PNG", gettext_noop("a picture"), _OTHERS),
    (b"\xff\xd8\xff", gettext_noop("a picture"), _OTHERS),
    (
        b"version https://git-lfs.github.com/spec",
        gettext_noop("a Git LFS pointer, not the file itself"),
        gettext_noop("fetch it with git lfs pull"),
    ),
)
_TABLES = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "stream"}
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def kind_of(start: bytes) -> str:
    """What no pairs can be read from, and what to do; empty if it may be text."""
    named = next((_told(*words) for sign, *words in _KINDS if begins(start, sign)), "")
    return named or _archive(start) or _markup(start) or _binary(start)


def _told(what: str, advice: str) -> str:
    told = {"what": gettext(what), "advice": gettext(advice)}
    return gettext("%(what)s: %(advice)s") % told


def table_of(start: bytes) -> str:
    """Which of `arrow_pairs.READERS` reads the file; empty for any other."""
    return next((kind for sign, kind in _TABLES.items() if begins(start, sign)), "")


def begins(start: bytes, magic: bytes) -> bool:
    """A column may be called ORC or FEA1: such a sign needs what no text has."""
    if not start.startswith(magic):
        return False
    is_word = magic.isalnum()
    return not is_word or any(byte < 9 for byte in start[:64])


def _archive(start: bytes) -> str:
    is_tar = start[257:262] == b"ustar"
    return _told(gettext_noop("a tar archive"), _UNPACK) if is_tar else ""


def _markup(start: bytes) -> str:
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if not text.startswith(_MARKUP):
        return ""
    advice = gettext_noop(
        "if it was downloaded, the download gave a page instead of the file"
    )
    return _told(gettext_noop("a web page or XML"), advice)


def _binary(start: bytes) -> str:
    """Many control characters but line ends and tabs; and NUL, or no UTF-8."""
    few = start[:1024]
    controls = sum(1 for byte in few if byte < 32 and byte not in b"\t\n\f\r\x1b")
    if controls <= len(few) / 10 or (b"\0" not in few and _is_utf8(few)):
        return ""
    return _told(gettext_noop("a binary file, no text"), _OTHERS)


def _is_utf8(start: bytes) -> bool:
    """Whether these bytes begin a text in UTF-8; the last sign may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True
