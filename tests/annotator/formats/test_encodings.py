"""A file of another encoding is refused; a wrong byte costs its row."""

from __future__ import annotations

import json

import pytest

from annotator.formats import encodings
from annotator.formats.reading import UnreadableFile
from tests.annotator.formats.reads import GOOD, pairs, problems, read

CHINESE = {"instruction": "请说出一种动物", "input": "", "output": "猫是一种动物。"}
FRENCH = {"instruction": "Décris l'été à Besançon.", "input": "", "output": "Brûlant."}


@pytest.mark.parametrize("ascii_rows", [0, 3, 30_000])
@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        (CHINESE, "gb18030"),
        (CHINESE, "gbk"),
        ({**CHINESE, "output": "貓是一種動物。", "instruction": "說"}, "big5"),
        (FRENCH, "latin-1"),
        ({**GOOD, "output": "猫は動物です"}, "shift_jis"),
        ({**GOOD, "output": "고양이는 동물이다"}, "euc_kr"),
    ],
)
def test_a_file_of_another_encoding_is_refused(row, encoding, ascii_rows):
    lines = [json.dumps(GOOD)] * ascii_rows + [json.dumps(row, ensure_ascii=False)] * 2

    with pytest.raises(UnreadableFile, match=r"is not UTF-8.*save it as UTF-8"):
        read("\n".join(lines).encode(encoding))


def test_some_wrong_bytes_among_right_ones_cost_their_rows():
    line = json.dumps(CHINESE, ensure_ascii=False).encode()
    broken = line.replace("猫".encode(), b"\xff\xfe\xfd\xfc\xfb")

    rows = read(b"\n".join([line, broken, line]))

    assert len(pairs(rows)) == 2
    assert [problem.number for problem in problems(rows)] == [2]


def test_a_sign_cut_between_two_reads_is_right(monkeypatch):
    monkeypatch.setattr(encodings, "_PIECE", 5)
    line = json.dumps(CHINESE, ensure_ascii=False).encode()

    assert len(pairs(read(line))) == 1
