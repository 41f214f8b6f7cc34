"""A file that is no text says what it is and what to do, whatever its name says."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import tarfile
import zipfile

import pytest

from annotator.formats.reading import UnreadableFile
from tests.annotator.formats.reads import GOOD, read

LINES = "".join(
    json.dumps({**GOOD, "instruction": f"Name hill {n}."}) + "\n" for n in range(3)
).encode()


def zipped(*names: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, LINES)
    return whole.getvalue()


def tarred() -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo("a.jsonl")
        member.size = len(LINES)
        archive.addfile(member, io.BytesIO(LINES))
    return whole.getvalue()


def database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE pairs (instruction TEXT)")
        return connection.serialize()


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook that"),
        (zipped("[Content_Types].xml", "xl/workbook.bin"), "binary Excel workbook"),
        (zipped("mimetype", "content.xml"), "OpenDocument file: save it"),
        (zipped("[Content_Types].xml", "word/document.xml"), "Word document"),
        (tarred(), "tar archive: unpack it"),
        (gzip.compress(tarred()), "tar archive: unpack it"),
        (bz2.compress(tarred()), "tar archive: unpack it"),
        (lzma.compress(pickle.dumps([GOOD])), "pickle, which is never opened"),
        (b"7z\xbc\xaf\x27\x1c" + LINES, "7z archive: unpack it"),
        (b"Rar!\x1a\x07\x01" + LINES, "RAR archive: unpack it"),
        (b"\x28\xb5\x2f\xfd" + LINES, "zstd and broken"),
        (b"\xfd7zXZ\0" + LINES, "xz and broken"),
        (b"BZh91AY&SY" + LINES, "bzip2 and broken"),
        (b"PK\x03\x04" + LINES, "zip archive and broken"),
        (b"PAR1\x15\x04" + LINES + b"PAR1", "Parquet file that cannot be read"),
        (b"ARROW1\0\0" + LINES, "Arrow file that cannot be read"),
        (b"FEA1\0\0" + LINES, "Feather file of version 1"),
        (b"Obj\x01" + LINES, "Avro"),
        (b"\x89HDF\r\n\x1a\n" + LINES, "HDF5"),
        (b"ORC\n\x03\0" + LINES, "ORC file"),
        (b"\xff\xff\xff\xff\x10\0\0\0" + LINES, "Arrow stream that cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel"),
        (database(), "SQLite database"),
        (pickle.dumps([GOOD]), "pickle, which is never opened"),
        (pickle.dumps([GOOD], protocol=2), "pickle, which is never opened"),
        (b"%PDF-1.7\n" + LINES, "PDF"),
        (b"<!DOCTYPE html>\n<html>...", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (bytes(range(32)) * 40, "binary file"),
        (LINES.decode().encode("utf-32-le"), "binary file"),
    ],
)
def test_a_file_that_is_no_text_is_named(content, kind, name):
    with pytest.raises(UnreadableFile, match=kind):
        read(content, name)


@pytest.mark.parametrize("column", ["ORCID", "PAR1", "FEA1", "BZh9", "ARROW1"])
def test_a_column_may_be_called_like_a_kind_of_file(column):
    (row,) = read(f"{column},instruction,output\n1,a,b\n".encode(), "a.csv")

    assert row.extra == {column: "1"}
