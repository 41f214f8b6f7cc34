"""Bad rows are named by their number; good ones go on."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.formats import csv_pairs, json_pairs, jsonl_pairs
from annotator.formats.reading import UnreadableFile, read_pairs
from annotator.formats.rows import PairRow
from annotator.formats.rules import screening
from revision_engine.types import PairText

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1
).filter(str.strip)
ROWS = st.lists(
    st.fixed_dictionaries({"instruction": TEXT, "input": TEXT, "output": TEXT}),
    min_size=1,
    max_size=4,
)


def read(content: bytes, name: str):
    return list(read_pairs(io.BytesIO(content), name=name))


@settings(max_examples=40, deadline=None)
@given(ROWS)
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.json", json_pairs.write),
        ("a.jsonl", jsonl_pairs.write),
        ("a.csv", csv_pairs.write),
    ],
)
def test_what_is_written_is_read_back(name, write, rows):
    content = "".join(write(rows)).encode()

    found = read(content, name)

    assert [(r.instruction, r.input, r.response) for r in found] == [
        (r["instruction"], r["input"], r["output"]) for r in rows
    ]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"output": "x"}, "instruction"),
        ({"instruction": " ", "output": "x"}, "empty"),
        ({"instruction": 3, "output": "x"}, "int"),
        ({"instruction": "x" * 20_001, "output": "x"}, "20,001"),
        ({"instruction": "a\0b", "output": "x"}, "NUL"),
        ([1, 2], "list"),
        ({"instruction": "a", "output": "b", "Revised Response": "c"}, "Revised"),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_where(row, wrong):
    good = {"instruction": "Say hello.", "output": "Hello."}

    first, problem = read(json.dumps([good, row]).encode(), "a.json")

    assert isinstance(first, PairRow)
    assert problem.number == 2
    assert wrong in problem.message


@pytest.mark.parametrize(
    ("content", "name", "wrong"),
    [
        (b"", "a.json", "empty"),
        (b"{}", "a.json", "not a list"),
        (b"[1", "a.json", "line 1"),
        ("[]".encode("utf-16"), "a.json", "no rows"),
        (b"a,b\n1,2", "a.csv", "instruction"),
        (b"hello", "a.txt", "none of"),
    ],
)
def test_a_file_of_no_use_says_why(content, name, wrong):
    with pytest.raises(UnreadableFile, match=wrong):
        read(content, name)


@pytest.mark.parametrize(
    "instruction",
    [
        "Describe the image of the brand.",
        "Draw a conclusion from the data.",
        "Explain what a video codec is.",
        "Write a text about photography.",
    ],
)
def test_a_rule_leaves_alone_what_only_sounds_like_media(instruction):
    assert screening.screen(PairText(instruction=instruction, response="x")) is None


def test_a_rule_takes_what_needs_a_picture():
    caught = screening.screen(
        PairText(instruction="Describe the attached image.", response="A dog.")
    )

    assert caught is not None
    assert caught.reason == "multi_modal"


def test_one_broken_csv_record_leaves_the_rows_after_it():
    content = b'instruction,output\nSay hi.,Hi.\nSay "x" y.,"a"b\nSay bye.,Bye.\n'

    found = read(content, "a.csv")

    good = [row.instruction for row in found if isinstance(row, PairRow)]
    assert good[0] == "Say hi."
    assert good[-1] == "Say bye."
    assert [row.number for row in found if not isinstance(row, PairRow)] == [2]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_number_with_thousands_of_digits_is_refused_with_a_sentence(name):
    row = b'{"instruction": "a", "output": "b", "id": ' + b"9" * 5000 + b"}"

    if name == "a.json":
        with pytest.raises(UnreadableFile, match="too many digits"):
            read(b"[" + row + b"]", name)
    else:
        (problem,) = read(row, name)
        assert "too many digits" in problem.message


def test_a_broken_csv_header_makes_the_file_unreadable():
    with pytest.raises(UnreadableFile, match="header"):
        read(b'instruction,"out"put\na,b\n', "a.csv")


def test_bytes_that_are_no_utf_8_cost_their_row_only():
    rows = (
        b'[{"instruction": "a", "output": "b"}, {"instruction": "\xff", "output": "c"}]'
    )

    good, problem = read(rows, "a.json")

    assert isinstance(good, PairRow)
    assert problem.number == 2
