"""A side column never costs the pair, and goes out as it came in."""

from __future__ import annotations

import json

import pytest

from annotator.formats.rows import PairRow
from annotator.formats.side_columns import columns, with_columns
from tests.annotator.formats.reads import GOOD, problems, read, read_object

NESTED = json.loads("[" * 80 + "]" * 80)


def row_with(**more) -> PairRow:
    row = read_object({**GOOD, **more})
    assert isinstance(row, PairRow)
    return row


@pytest.mark.parametrize("value", ["7", "a-7", 7, 0, -3, 10**30, "007", " x "])
def test_an_id_keeps_its_type(value):
    assert columns(row_with(id=value))["id"] == value
    assert type(columns(row_with(id=value))["id"]) is type(value)


@pytest.mark.parametrize("value", ["nature", 7, 3.5, ["a", "b"], "x" * 200, " two  "])
def test_a_category_goes_out_as_it_came(value):
    assert columns(row_with(category=value))["category"] == value


@pytest.mark.parametrize("value", [None, "", float("nan")])
@pytest.mark.parametrize("name", ["input", "id", "category", "Revised Response"])
def test_what_is_missing_in_a_side_column_is_no_fault(name, value):
    row = row_with(**{name: value})

    assert (row.input, row.external_id, row.category, row.revised) == ("", "", "", None)
    assert not row.remarks


def test_a_whole_number_with_a_point_is_the_whole_number():
    row = row_with(id=3.0, category=7.0)

    assert (row.external_id, row.category) == ("3", "7")
    assert repr(columns(row)["id"]) == "3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", True),
        ("id", 3.5),
        ("id", ["a"]),
        ("id", "x" * 201),
        ("id", "\ud800"),
        ("id", "a\0b"),
        ("category", {"a": 1}),
        ("category", "x" * 81),
        ("notes", NESTED),
        ("system", ["You are a clerk."]),
    ],
)
def test_a_broken_side_column_is_told_and_kept(name, value):
    row = row_with(**{name: value})

    assert repr(name) in row.remarks[0]
    assert columns(row)[name] in (value, json.dumps(value))


def test_nan_as_a_text_is_a_text():
    row = row_with(instruction="NaN", output="NaN", input="NaN")

    assert (row.instruction, row.input, row.response) == ("NaN",) * 3


def test_nan_is_no_response():
    (problem,) = read(b'{"instruction": "a", "output": NaN}')

    assert "there is no 'output'" in problem.message


def test_what_json_has_no_number_for_stays_as_it_was_written():
    (row,) = read(b'{"instruction":"a","output":"b","x":1e999,"y":-Infinity,"z":NaN}')

    assert row.extra == {"x": "1e999", "y": "-Infinity", "z": None}


def test_a_number_as_input_is_taken_as_its_text_and_told():
    row = row_with(input=5)

    assert row.input == "5"
    assert "number 5" in row.remarks[0]


@pytest.mark.parametrize(
    ("given", "pair", "extra"),
    [
        ({"output": "", "response": "A hedge."}, ("", "A hedge."), {}),
        ({"output": "A.", "response": "B."}, ("", "A."), {"response": "B."}),
        ({"output": "A.", "response": "A."}, ("", "A."), {}),
        ({"output": "A.", "context": "C."}, ("C.", "A."), {}),
        (
            {"output": "A.", "input": "I", "context": "C."},
            ("I", "A."),
            {"context": "C."},
        ),
        ({"output": "A.", "input": "", "context": "C."}, ("C.", "A."), {}),
        ({"OUTPUT": "A.", "Raw_Input": "I"}, ("I", "A."), {}),
        ({"answer": "A."}, ("", "A."), {}),
    ],
)
def test_the_first_spelling_that_is_filled_counts(given, pair, extra):
    row = read_object({"instruction": "Name a wall.", **given})

    assert (row.input, row.response) == pair
    assert row.extra == extra


def test_a_row_with_earlier_turns_that_are_no_json_is_refused():
    row = {**GOOD, "history": "[['Hi?', 'Hello.']]"}

    (problem,) = problems([read_object(row)])

    assert "earlier turns" in problem.message


@pytest.mark.parametrize("history", [[], "", None, "[]", [[]], float("nan")])
def test_an_empty_history_is_none(history):
    assert isinstance(read_object({**GOOD, "history": history}), PairRow)


def test_a_column_called_like_one_of_the_exports_is_kept_beside_it():
    row = {"output": "ours", "id": None, "provenance": {"pair": 1}}
    extra = {"provenance": "theirs", "id": 7, "lang": "en", "extra": {"a": 1}}

    whole = with_columns(row, extra)

    assert whole == {
        "output": "ours",
        "id": 7,
        "provenance": {"pair": 1},
        "lang": "en",
        "extra": {"provenance": "theirs", "extra": {"a": 1}},
    }


def test_an_object_of_very_many_columns_is_refused():
    problem = read_object({**GOOD, **{f"c{n}": n for n in range(2000)}})

    assert "2,003 columns" in problem.message
