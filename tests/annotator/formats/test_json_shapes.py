"""JSON under another ending, over several lines, or with the list wrapped."""

from __future__ import annotations

import json

import pytest

from annotator.formats.reading import UnreadableFile
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks

ROWS = [{**GOOD, "instruction": f"Name lake {n}."} for n in range(4)]
NAMES = [row["instruction"] for row in ROWS]
LINES = "\n".join(map(json.dumps, ROWS))
PRETTY = "\n".join(json.dumps(row, indent=2) for row in ROWS)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.ndjson", "a.txt", "a.csv"])
@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=4),
        "\ufeff" + json.dumps(ROWS),
        "\n" * 5000 + json.dumps(ROWS),
        LINES,
        LINES + "\n\n",
        LINES.replace("\n", "\n\n"),
        PRETTY,
        PRETTY.replace("\n", "\r\n"),
        json.dumps({"data": ROWS}),
        json.dumps({"data": ROWS}, indent=1),
        json.dumps({"rows": ROWS, "next": None}),
        " " * 3000 + LINES,
    ],
)
def test_pairs_are_read_whatever_the_ending_says(text, name):
    rows = read(text.encode(), name)

    assert [pair[0] for pair in pairs(rows)] == NAMES
    assert not problems(rows)


def test_what_stands_beside_a_wrapped_list_is_told():
    rows = read(json.dumps({"version": "1.1", "data": ROWS}).encode(), "a.json")

    assert len(pairs(rows)) == 4
    assert "'version'" in remarks(rows)[0]


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ({"train": ROWS, "test": ROWS}, "several.*train, test"),
        ({"instruction": ["a", "b"], "output": ["c", "d"]}, "written by columns"),
        ({"instruction": {"0": "a"}, "output": {"0": "b"}}, 'orient="records"'),
        ({"name": "a set"}, "not a list"),
        ([], "no rows"),
    ],
)
def test_a_document_without_one_list_is_refused_with_a_hint(document, wrong):
    with pytest.raises(UnreadableFile, match=wrong):
        read(json.dumps(document).encode(), "a.json")


def test_one_object_alone_is_one_row():
    assert len(pairs(read(json.dumps(GOOD, indent=2).encode(), "a.json"))) == 1


def test_a_broken_line_costs_itself_only():
    rows = read(("{broken\n" + LINES).encode(), "a.jsonl")

    assert [pair[0] for pair in pairs(rows)] == NAMES
    assert [problem.number for problem in problems(rows)] == [1]


def test_two_objects_on_a_line_are_named_not_lost():
    rows = read((LINES + "\n" + LINES.replace("\n", "")).encode(), "a.jsonl")

    (problem,) = problems(rows)
    assert problem.number == 5
    assert "one object a line" in problem.message


def test_a_byte_order_mark_before_any_line_is_passed_over():
    rows = read("".join(f"\ufeff{line}\n" for line in LINES.split("\n")).encode())

    assert [pair[0] for pair in pairs(rows)] == NAMES


def test_line_separators_within_a_text_end_no_line():
    odd = {**GOOD, "output": "one\u2028two\u2029three\x85four"}

    (pair,) = pairs(read(json.dumps(odd, ensure_ascii=False).encode()))

    assert pair[2] == odd["output"]


def test_a_key_that_stands_twice_hides_nothing():
    line = b'{"instruction": "a", "output": "b", "note": "x", "note": "y"}'

    (row,) = read(line)

    assert row.extra == {"note": "x", "note (2)": "y"}
