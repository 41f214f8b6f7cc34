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

from annotator.formats import unpacking
from annotator.formats.reading import UnreadableFile
from tests.annotator.formats.reads import GOOD, pairs, read, remarks

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
        (zipped("a.jsonl"), "zip archive: unpack it"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook: save it"),
        (zipped("[Content_Types].xml", "word/document.xml"), "Word document"),
        (tarred(), "tar archive: unpack it"),
        (gzip.compress(tarred()), "tar archive: unpack it"),
        (bz2.compress(LINES), "bzip2: unpack it"),
        (lzma.compress(LINES), "xz: unpack it"),
        (b"\x28\xb5\x2f\xfd" + LINES, "zstd: unpack it"),
        (b"PAR1\x15\x04" + LINES + b"PAR1", "Parquet file: save it as CSV"),
        (b"ARROW1\0\0" + LINES, "Arrow file"),
        (b"ORC\n\x03\0" + LINES, "ORC file"),
        (b"\xff\xff\xff\xff\x10\0\0\0" + LINES, "Arrow stream"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel"),
        (database(), "SQLite database"),
        (pickle.dumps([GOOD]), "pickle, which is never opened"),
        (pickle.dumps([GOOD], protocol=2), "pickle, which is never opened"),
        (b"%PDF-1.7\n" + LINES, "PDF"),
        (b"<!DOCTYPE html>\n<html>...", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (bytes(range(32)) * 40, "binary file"),
        (LINES.decode().encode("utf-16"), "UTF-16: save it as UTF-8"),
        (LINES.decode().encode("utf-16-le"), "UTF-16: save it as UTF-8"),
        (LINES.decode().encode("utf-16-be"), "UTF-16: save it as UTF-8"),
        (LINES.decode().encode("utf-32"), "UTF-32: save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_named(content, kind, name):
    with pytest.raises(UnreadableFile, match=kind):
        read(content, name)


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl", "a.gz", "whatever.json"])
def test_gzip_is_unpacked_by_its_first_bytes(name):
    rows = read(gzip.compress(LINES), name)

    assert [pair[0] for pair in pairs(rows)] == [f"Name hill {n}." for n in range(3)]
    assert "unpacked" in remarks(rows)[0]


def test_a_small_file_that_would_be_huge_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", 50_000)

    with pytest.raises(UnreadableFile, match="more than 50,000 bytes"):
        read(gzip.compress(b" " * 5_000_000 + LINES), "a.jsonl.gz")


@pytest.mark.parametrize("cut", [12, 60, -4])
def test_a_broken_gzip_is_refused_as_a_whole(cut):
    with pytest.raises(UnreadableFile, match="gzip and broken"):
        read(gzip.compress(LINES)[:cut], "a.jsonl.gz")


@pytest.mark.parametrize("column", ["ORCID", "PAR1", "FEA1", "BZh9", "ARROW1"])
def test_a_column_may_be_called_like_a_kind_of_file(column):
    (row,) = read(f"{column},instruction,output\n1,a,b\n".encode(), "a.csv")

    assert row.extra == {column: "1"}
