"""What is right comes out as it went in, through every format, for any text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.formats import csv_pairs, json_pairs, jsonl_pairs
from annotator.formats.revised_rows import alpaca
from annotator.formats.rows import PairRow
from annotator.formats.side_columns import columns, with_columns
from tests.annotator.formats.reads import read

WRITERS = {
    "a.json": json_pairs.write,
    "a.jsonl": jsonl_pairs.write,
    "a.csv": csv_pairs.write,
}
ODD = st.sampled_from(
    [
        *("\ufeff", "\u2028", "\u2029", "\x85", '"', '""', "\n", "\n\n", "\t"),
        *(",", ";", "|", "'", "\\", '\\"', ' "', '", "', "  ", "=1+1", "sep=;"),
        *(
            "NaN",
            "null",
            "None",
            "instruction",
            "output",
            "[",
            "{",
            "}",
            "😀",
            "👨‍👩‍👧",
        ),
        *("é", "e\u0301", "\u200f", "𠮷", "\x1b", "\x7f", "𝟘"),
    ]
)
SIGN = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
TEXT = st.lists(st.one_of(ODD, st.text(SIGN, max_size=5)), max_size=6).map("".join)
FILLED = TEXT.filter(str.strip)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)
    ),
    max_leaves=4,
)
PAIR = ("instruction", "input", "output")
NAMES = st.sampled_from(["lang", "source", "tags", "provenance", "raw", "extra", "ü"])


def rows(values):
    return st.lists(
        st.fixed_dictionaries(
            {"instruction": FILLED, "input": TEXT, "output": FILLED},
            optional={"id": st.integers() | FILLED.filter(str.strip)},
        ).flatmap(
            lambda row: st.dictionaries(NAMES, values, max_size=3).map(
                lambda more: {**row, **more}
            )
        ),
        min_size=1,
        max_size=4,
    )


def out(row: PairRow) -> dict:
    """As an export writes it that adds nothing of its own."""
    whole = with_columns(alpaca(row.text), columns(row))
    return {name: value for name, value in whole.items() if value is not None}


@settings(max_examples=100, deadline=None)
@given(rows(VALUE.filter(lambda value: value is not None)))
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_row_of_json_comes_out_as_it_went_in(name, rows):
    content = "".join(WRITERS[name](rows)).encode()

    found = read(content, name)

    assert [out(row) for row in found] == rows
    again = "".join(WRITERS[name](map(out, found)))
    assert json.dumps([out(row) for row in read(again.encode(), name)]) == json.dumps(
        [out(row) for row in found]
    )


@settings(max_examples=100, deadline=None)
@given(rows(TEXT))
def test_a_row_of_csv_comes_out_as_it_went_in(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    given = [{name: str(row.get(name, "")) for name in names} for row in rows]
    content = "".join(csv_pairs.write(given, names)).encode()

    found = read(content, "a.csv")

    wanted = [(row["instruction"], row["input"], row["output"]) for row in given]
    assert [(r.instruction, r.input, r.response) for r in found] == wanted
    for row, before in zip(found, given, strict=True):
        kept = columns(row)
        beside = [name for name in names if name not in PAIR]
        assert all((kept[name] or "") == before[name] for name in beside)


@given(st.lists(FILLED, min_size=1, max_size=3))
def test_no_line_of_json_is_cut_by_any_reader_of_lines(texts):
    rows = [{"instruction": text, "output": text} for text in texts]

    lines = "".join(jsonl_pairs.write(rows)).splitlines()

    assert [json.loads(line) for line in lines] == rows


@pytest.mark.parametrize("name", list(WRITERS))
def test_a_nul_is_refused_and_named(name):
    row = {"instruction": "a\0b", "input": "", "output": "c"}

    (problem,) = read("".join(WRITERS[name]([row])).encode(), name)

    assert "NUL" in problem.message
