"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs

START = 4096
"""Bytes to look at: an xlsx names its parts within them."""

_TABLE = "save it as CSV (UTF-8), JSON or JSONL and import that"
_UNPACK = "unpack it first and import the file in it"
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"BZh", f"compressed with bzip2: {_UNPACK}"),
    (b"\xfd7zXZ\0", f"compressed with xz: {_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"compressed with zstd: {_UNPACK}"),
    (b"\x04\x22\x4d\x18", f"compressed with lz4: {_UNPACK}"),
    (b"7z\xbc\xaf\x27\x1c", f"a 7z archive: {_UNPACK}"),
    (b"Rar!\x1a\x07", f"a RAR archive: {_UNPACK}"),
    (b"PAR1", f"a Parquet file: {_TABLE}"),
    (b"ARROW1", f"an Arrow file: {_TABLE}"),
    (b"\xff\xff\xff\xff", f"an Arrow stream: {_TABLE}"),
    (b"FEA1", f"a Feather file: {_TABLE}"),
    (b"ORC", f"an ORC file: {_TABLE}"),
    (b"Obj\x01", f"an Avro file: {_TABLE}"),
    (b"\x89HDF\r\n\x1a\n", f"an HDF5 file: {_TABLE}"),
    (b"\x93NUMPY", f"a NumPy array: {_TABLE}"),
    (b"SQLite format 3\0", f"an SQLite database: {_TABLE}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"an old Excel or Office file: {_TABLE}"),
    *(
        (bytes((0x80, version)), f"a Python pickle, which is never opened: {_TABLE}")
        for version in range(2, 6)
    ),
    (b"%PDF-", "a PDF: pairs are read from JSON, JSONL or CSV"),
    (b"{\\rtf", "an RTF document: save it as plain text in UTF-8"),
    (b"\x89PNG", "a picture: pairs are read from JSON, JSONL or CSV"),
    (b"\xff\xd8\xff", "a picture: pairs are read from JSON, JSONL or CSV"),
    (
        b"version https://git-lfs.github.com/spec",
        "a Git LFS pointer, not the file itself: fetch it with git lfs pull",
    ),
)
_OFFICE = {
    b"xl/": f"an Excel workbook: {_TABLE}",
    b"word/": f"a Word document: {_TABLE}",
    b"opendocument.spreadsheet": f"an OpenDocument spreadsheet: {_TABLE}",
}
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")
_ENDS_OF_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
GZIP = b"\x1f\x8b"


def kind_of(start: bytes) -> str:
    """What no pairs can be read from, and what to do; empty if it may be text."""
    named = next((what for magic, what in _KINDS if _begins(start, magic)), "")
    return named or _archive(start) or _wide(start) or _markup(start) or _binary(start)


def _begins(start: bytes, magic: bytes) -> bool:
    """A column may be called ORC or FEA1: such a sign needs what no text has."""
    if not start.startswith(magic):
        return False
    is_word = magic.isalnum()
    return not is_word or any(byte < 9 for byte in start[:64])


def _archive(start: bytes) -> str:
    if start[257:262] == b"ustar":
        return f"a tar archive: {_UNPACK}"
    if not start.startswith(_ENDS_OF_ZIP):
        return ""
    found = next((what for part, what in _OFFICE.items() if part in start), "")
    return found or f"a zip archive: {_UNPACK}"


def _wide(start: bytes) -> str:
    """Signs of two or four bytes: by their mark, or by the NULs beside ASCII."""
    utf32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    if start.startswith(utf32) or start[:3] == b"\0\0\0":
        return "UTF-32: save it as UTF-8 and try again"
    utf16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    nuls = b"\0" in (start[:1], start[1:2])
    if start.startswith(utf16) or (nuls and start[:64].count(0) >= len(start[:64]) / 4):
        return "UTF-16: save it as UTF-8 and try again"
    return ""


def _markup(start: bytes) -> str:
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if not text.startswith(_MARKUP):
        return ""
    return (
        "a web page or XML: if it was downloaded, the download gave a page instead "
        "of the file"
    )


def _binary(start: bytes) -> str:
    """Text has hardly any control characters but line ends and tabs."""
    few = start[:1024]
    controls = sum(1 for byte in few if byte < 32 and byte not in b"\t\n\f\r\x1b")
    if controls <= len(few) / 10:
        return ""
    return "a binary file, no text: pairs are read from JSON, JSONL or CSV"
