"""A file is read in its own encoding, or refused; a wrong byte costs its row."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import django
import polib
import pytest

from annotator.formats import csv_pairs, encodings
from annotator.formats.reading import UnreadableFile, read_pairs
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks

CHINESE = {"instruction": "请说出一种动物", "input": "", "output": "猫是一种动物。"}
FRENCH = {"instruction": "Décris l'été à Besançon.", "input": "", "output": "Brûlant."}


def lines(*rows: dict, **more) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, **more) + "\n" for row in rows)


def told(content: bytes, encoding: str, name: str = "a.jsonl") -> list:
    return list(read_pairs(io.BytesIO(content), name=name, encoding=encoding))


def written(language: str) -> list[str]:
    """Sentences in a language: those of the framework's own catalogue."""
    root = Path(django.__file__).parent
    place = f"contrib/admin/locale/{language}/LC_MESSAGES/django.po"
    return [entry.msgstr for entry in polib.pofile(str(root / place)) if entry.msgstr]


@pytest.mark.parametrize("ascii_rows", [0, 3, 30_000])
@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        ({**CHINESE, "output": "貓是一種動物。", "instruction": "說"}, "big5"),
        (FRENCH, "latin-1"),
        ({**GOOD, "output": "猫は動物です"}, "shift_jis"),
        ({**GOOD, "output": "고양이는 동물이다"}, "euc_kr"),
        ({**GOOD, "output": "中文"}, "gb18030"),
    ],
)
def test_a_file_of_another_encoding_is_refused(row, encoding, ascii_rows):
    rows = [json.dumps(GOOD)] * ascii_rows + [json.dumps(row, ensure_ascii=False)] * 2

    with pytest.raises(UnreadableFile, match=r"is not UTF-8.*save it as UTF-8.*name"):
        read("\n".join(rows).encode(encoding))


@pytest.mark.parametrize("ascii_rows", [0, 3, 30_000])
@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "gb2312"])
def test_simplified_chinese_is_converted_with_a_remark(encoding, ascii_rows):
    content = lines(*[GOOD] * ascii_rows, CHINESE, CHINESE).encode(encoding)

    rows = read(content)

    assert pairs(rows)[ascii_rows:] == [tuple(CHINESE.values())] * 2
    assert remarks(rows) == ["The file was in GB18030, and was converted to UTF-8."]


@pytest.mark.parametrize("name", ["a.json", "a.csv"])
def test_emoji_and_rare_signs_of_gb18030_are_kept(name):
    row = {**CHINESE, "output": "我最喜欢的动物是猫😀，其次是狗𠮷。"}
    text = (
        json.dumps([row], ensure_ascii=False)
        if name == "a.json"
        else "".join(csv_pairs.write([row]))
    )

    assert pairs(read(text.encode("gb18030"), name)) == [tuple(row.values())]


def test_chinese_sentences_are_known_as_such():
    found = written("zh_Hans")
    known = 0
    for place in range(0, len(found) - 8, 8):
        rows = [{**GOOD, "output": text} for text in found[place : place + 8]]
        try:
            known += [pair[2] for pair in pairs(read(lines(*rows).encode("gbk")))] == [
                row["output"].replace("\r\n", "\n") for row in rows
            ]
        except UnreadableFile:  # too few signs to tell
            continue
    assert known >= 0.9 * (len(found) // 8 - 1)


@pytest.mark.parametrize("size", [1, 5, 50])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *(("zh_Hant", "big5"), ("ko", "euc_kr"), ("ko", "cp949")),
        *(("ja", "shift_jis"), ("ja", "euc_jp"), ("ru", "cp1251"), ("ru", "koi8-r")),
        *(("el", "cp1253"), ("th", "cp874"), ("he", "cp1255"), ("ar", "cp1256")),
        *(("fr", "latin-1"), ("de", "latin-1"), ("tr", "cp1254"), ("pl", "cp1250")),
    ],
)
def test_no_other_language_becomes_chinese(language, encoding, size):
    found = written(language)
    for place in range(0, len(found), size):
        rows = [{**GOOD, "output": text} for text in found[place : place + size]]
        content = lines(*rows).encode(encoding, "ignore")
        assert not encodings.chinese.is_gb18030(io.BytesIO(content))

        if content.isascii():
            continue
        decoded = content.decode(encoding).split("\n")[:-1]
        texts = [json.loads(line)["output"] for line in decoded]
        named = [pair[2] for pair in pairs(told(content, encoding))]
        assert named == [text.replace("\r\n", "\n") for text in texts if text.strip()]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a"])
def test_wide_encodings_are_converted(encoding, name):
    row = {**CHINESE, "output": "猫😀\nЖ"}
    text = lines(row) if name != "a.csv" else "".join(csv_pairs.write([row]))
    if encoding in ("utf-16", "utf-32"):
        text = text.removeprefix("\ufeff")

    rows = read(text.encode(encoding), name)

    assert pairs(rows) == [tuple(row.values())]
    assert "converted to UTF-8" in remarks(rows)[0]


def test_half_a_sign_in_utf_16_costs_its_row():
    broken = {**GOOD, "output": "\ud83d"}
    content = lines(GOOD, broken, GOOD).encode("utf-16", "surrogatepass")

    rows = read(content)

    assert len(pairs(rows)) == 2
    assert [problem.number for problem in problems(rows)] == [2]


def test_utf_16_that_breaks_off_is_refused():
    with pytest.raises(UnreadableFile, match="not UTF-16 at its byte"):
        read(lines(GOOD).encode("utf-16")[:-1])


@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        ({**GOOD, "output": "中文"}, "GB18030"),
        ({**GOOD, "output": "貓是一種動物。"}, "Big5"),
        (FRENCH, "latin1"),
        (FRENCH, "cp1252"),
        (FRENCH, "utf-8"),
        ({**GOOD, "output": "猫は動物です"}, "Shift-JIS"),
        ({**GOOD, "output": "고양이는 동물이다"}, "EUC-KR"),
        (GOOD, "utf-16"),
    ],
)
def test_an_encoding_that_a_person_names_is_taken(row, encoding):
    rows = told(lines(row).encode(encoding), encoding)

    assert pairs(rows) == [tuple(row.values())]
    assert bool(remarks(rows)) == (encoding != "utf-8")


def test_an_encoding_that_does_not_fit_is_refused_with_the_place():
    content = b'{"instruction": "Ren\xe9 ", "output": "b"}'

    with pytest.raises(UnreadableFile, match="not EUC_KR at its byte 21"):
        told(content, "euc-kr")
    with pytest.raises(UnreadableFile, match="is no encoding that is read"):
        told(content, "klingon")
    with pytest.raises(UnreadableFile, match="is no encoding that is read"):
        told(content, "unicode_escape")


def test_a_named_encoding_counts_for_all_files_of_an_archive():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in ("a.jsonl", "b.jsonl"):
            archive.writestr(name, lines(FRENCH).encode("latin-1"))

    assert pairs(told(whole.getvalue(), "latin-1")) == [tuple(FRENCH.values())] * 2


def test_files_of_two_encodings_that_were_joined_are_not_guessed():
    rows = [{**CHINESE, "input": str(n)} for n in range(200)]
    content = lines(*rows).encode("gb18030") + lines(*rows[:2]).encode()

    with pytest.raises(UnreadableFile, match="is not UTF-8"):
        read(content)


def test_some_wrong_bytes_among_right_ones_cost_their_rows():
    line = json.dumps(CHINESE, ensure_ascii=False).encode()
    broken = line.replace("猫".encode(), b"\xff\xfe\xfd\xfc\xfb")

    rows = read(b"\n".join([line, broken, line]))

    assert len(pairs(rows)) == 2
    assert [problem.number for problem in problems(rows)] == [2]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_sign_cut_between_two_reads_is_right(encoding, monkeypatch):
    monkeypatch.setattr(encodings, "_PIECE", 5)
    content = lines(CHINESE).encode(encoding)

    assert pairs(read(content)) == [tuple(CHINESE.values())]


def test_it_is_soon_plain_that_a_large_file_is_not_utf_8(monkeypatch):
    monkeypatch.setattr(encodings, "MANY", 100)
    monkeypatch.setattr(encodings, "_PIECE", 400)
    content = lines(*[CHINESE] * 50).encode("gb18030")

    assert encodings.signs(io.BytesIO(content)).wrong < 800
    assert len(pairs(read(content))) == 50
