"""A zip archive is read as the files in it, one after the other."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from annotator.formats import archives, csv_pairs, unpacking
from annotator.formats.reading import UnreadableFile, read_pairs
from annotator.formats.rows import PairRow
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks


def lines(*names: str) -> str:
    return "".join(json.dumps({**GOOD, "instruction": name}) + "\n" for name in names)


def zipped(files: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def names(rows) -> list[str]:
    return [pair[0] for pair in pairs(rows)]


@pytest.mark.parametrize("outer", ["a.zip", "a.jsonl", "a"])
@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]
)
def test_one_file_is_read(how, outer):
    rows = read(
        zipped({"folder/": "", "folder/a.jsonl": lines("A.", "B.")}, how), outer
    )

    assert names(rows) == ["A.", "B."]
    assert remarks(rows) == ["The file was a zip archive, and was unpacked."]


def test_files_are_read_in_the_order_of_their_numbers_and_rows_go_on():
    files = {f"data/part-{n}.jsonl": lines(f"{n}a", f"{n}b") for n in (10, 2, 1)}

    rows = read(zipped(files), "a.zip")

    assert names(rows) == ["1a", "1b", "2a", "2b", "10a", "10b"]
    numbers = [row.number for row in rows if isinstance(row, PairRow)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert "3 files are read one after the other" in remarks(rows)[1]


def test_a_problem_says_in_which_file_it_is():
    files = {"a.jsonl": lines("A.") + "{broken\n", "b.jsonl": lines("B.") + "{broken\n"}

    rows = read(zipped(files), "a.zip")

    first, second = problems(rows)
    assert (first.number, second.number) == (2, 4)
    assert second.message.startswith("b.jsonl, row 2: the line is not valid JSON")
    assert names(rows) == ["A.", "B."]


def test_what_is_hidden_or_no_data_is_passed_over_with_a_remark():
    files = {
        "__MACOSX/._a.jsonl": b"\0\5\x16\7",
        ".DS_Store": b"\0\0\0\1Bud1",
        "README.md": "What this is.",
        "a.jsonl": lines("A."),
    }

    rows = read(zipped(files), "a.zip")

    assert names(rows) == ["A."]
    assert remarks(rows)[1] == (
        "These files in it are not read: __MACOSX/._a.jsonl, .DS_Store, README.md."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_chinese_name_is_shown_as_it_was_written(encoding):
    name = "数据一.jsonl"
    stand_in = "x" * (len(name.encode(encoding)) - 6) + ".jsonl"
    content = zipped({stand_in: lines("A.") + "{broken\n", "b.jsonl": lines("B.")})
    content = content.replace(stand_in.encode(), name.encode(encoding))

    rows = read(content, "a.zip")

    assert name in remarks(rows)[1]
    assert problems(rows)[0].message.startswith(f"{name}, row 2")


def test_packed_files_and_tables_in_an_archive_are_read():
    csv = "".join(csv_pairs.write([{**GOOD, "instruction": "C."}]))
    tables = zipped({"a.csv": csv, "b.tsv": csv.replace(",", "\t")})
    packed = zipped({"a.jsonl.gz": gzip.compress(lines("A.").encode())})

    assert names(read(tables, "a.zip")) == ["C.", "C."]
    assert names(read(packed, "a.zip")) == ["A."]


def test_a_file_without_an_ending_is_read_where_it_is_the_only_one():
    assert names(read(zipped({"pairs": lines("A.")}), "a.zip")) == ["A."]


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"a.jsonl": lines("A."), "b.csv": "x"}, r"several kinds \(a.jsonl, b.csv\)"),
        ({"a": lines("A."), "b": lines("B.")}, r"several kinds"),
        ({}, "without files"),
        ({"folder/": ""}, "without files"),
        ({"a.csv": "instruction,output\n"}, "holds no rows"),
        ({"a.jsonl": lines("A."), "b.jsonl": ""}, "a.zip: b.jsonl is empty"),
        ({"a.zip": zipped({"a.zip": zipped({"a.zip": zipped({"a": ""})})})}, "many"),
        ({"../../etc/pairs.txt": "hello"}, "none of"),
    ],
)
def test_an_archive_of_no_use_says_why(files, wrong):
    with pytest.raises(UnreadableFile, match=wrong):
        read(zipped(files), "a.zip")


def test_nothing_is_written_under_a_name_of_the_archive(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    rows = read(zipped({"../out.jsonl": lines("A."), "/x.jsonl": lines("B.")}), "a.zip")

    assert sorted(names(rows)) == ["A.", "B."]
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "out.jsonl").exists()


def test_a_password_is_asked_for_in_words():
    content = bytearray(zipped({"a.jsonl": lines("A.")}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(UnreadableFile, match="needs a password"):
        read(bytes(content), "a.zip")


def test_a_packing_that_python_does_not_know_is_named():
    content = bytearray(zipped({"a.jsonl": lines("A.")}))
    content[8] = 9
    content[content.index(b"PK\x01\x02") + 10] = 9

    with pytest.raises(UnreadableFile, match="packed in a way that is not read"):
        read(bytes(content), "a.zip")


def test_a_wrong_byte_is_found():
    content = bytearray(zipped({"a.jsonl": lines("A.")}, zipfile.ZIP_STORED))
    content[content.index(b"A.")] ^= 1

    with pytest.raises(UnreadableFile, match="broken"):
        read(bytes(content), "a.zip")


def test_the_files_of_an_archive_share_one_bound(monkeypatch):
    files = {f"{n}.jsonl": lines("A.") for n in range(10)}
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", 5 * len(lines("A.")))

    with pytest.raises(UnreadableFile, match="bytes when unpacked"):
        read(zipped(files), "a.zip")


def test_an_archive_of_very_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)

    with pytest.raises(UnreadableFile, match="4 files; 3 are allowed"):
        read(zipped({f"{n}.jsonl": "" for n in range(4)}), "a.zip")


def test_the_share_grows_over_all_files():
    files = {f"{n}.jsonl": lines(*map(str, range(1000))) for n in range(4)}
    stream = read_pairs(io.BytesIO(zipped(files)), name="a.zip")

    shares = [
        stream.share
        for row in stream
        if isinstance(row, PairRow) and row.number % 1000 == 1
    ]

    assert shares == sorted(shares)
    assert shares[0] < 0.3
    assert 0.7 < shares[3] < 1
    assert stream.share == 1


def test_papers_beside_the_data_are_no_data():
    files = {"data/a.jsonl": lines("A."), "manifest.json": "{}", "README.md": "x"}
    assert names(read(zipped(files), "a.zip")) == ["A."]
    assert names(read(zipped({"manifest.json": lines("B.")}), "a.zip")) == ["B."]
