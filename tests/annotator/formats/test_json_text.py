"""A JSON text that is taken piece by piece says what Python's reader says of it."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.formats import json_pairs, json_text, jsonl_pairs
from annotator.formats.json_text import JsonText, LongValue
from annotator.formats.json_values import loads
from annotator.formats.reading import UnreadableFile, read_pairs
from annotator.formats.rows import PairRow
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=80)
    | st.sampled_from(["\ud83d", "\ude00\ud83d", '"', "\\", "[", "{", "]", "\ufeff"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=12,
)
WRITTEN = st.builds(
    lambda values, is_ascii, indent: json.dumps(
        values, ensure_ascii=is_ascii, indent=indent
    ).encode("utf-8", "surrogatepass"),
    st.lists(ANY, max_size=6),
    st.booleans(),
    st.sampled_from([None, 0, 3]),
)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(json_text, "PIECE", 7)


def whole(content: bytes) -> object:
    return loads(content.decode("utf-8-sig", "surrogateescape"))


def taken(content: bytes) -> list[object]:
    text = JsonText(io.BytesIO(content))
    values = list(text.elements())
    assert text.sign() == ""
    return values


@settings(max_examples=400, deadline=None)
@given(WRITTEN)
def test_the_elements_are_those_of_the_whole_text(content):
    assert repr(taken(content)) == repr(whole(content))


@settings(max_examples=400, deadline=None)
@given(WRITTEN, st.data())
def test_a_text_with_a_fault_is_refused_where_pythons_reader_refuses_it(content, data):
    place = data.draw(st.integers(0, len(content) - 1))
    broken = content[:place] + data.draw(st.binary(max_size=2)) + content[place + 1 :]
    try:
        whole(broken)
    except json.JSONDecodeError as fault:
        if fault.msg == "Extra data" or not broken.lstrip().startswith(b"["):
            return
        with pytest.raises(UnreadableFile) as refused:
            taken(broken)
        told = f"line {fault.lineno}, column {fault.colno}: {fault.msg}."
        assert told in str(refused.value)
    except (ValueError, RecursionError):
        return


@pytest.mark.parametrize(
    "value",
    [
        *("1e308", "1e400", "-1.5e-7", "123456789012345678901234567890", "0.1", "-0.0"),
        *("NaN", "Infinity", "-Infinity", "true", "null", r'"\ud83d\ude00"'),
        *(r'"\ud83d"', r'"\ude00\ud83d"', '{"a": 1, "a": 2, "a": 3}', '"\\\\\\""'),
        "1." + "3" * 400,
        "[" * 200 + "]" * 200,
    ],
)
def test_a_value_is_what_the_whole_text_says_wherever_it_is_cut(value, monkeypatch):
    content = f"[{value}, {value} ,{value}]".encode()
    for size in (1, 2, 3, 5, 8, 64, 65, 1000):
        monkeypatch.setattr(json_text, "PIECE", size)

        assert repr(taken(content)) == repr(whole(content))


def test_bytes_that_are_no_utf_8_are_kept_apart_at_every_cut(monkeypatch):
    content = '["a\u4e2d'.encode() + b'\xff\xe4\xb8", "' + "😀\u4e2d".encode() + b'"]'
    for size in range(1, len(content) + 1):
        monkeypatch.setattr(json_text, "PIECE", size)

        assert taken(content) == whole(content)


def test_rows_before_a_fault_are_good_and_the_fault_is_placed():
    rows = [{**GOOD, "instruction": f"Name hill {n}."} for n in range(200)]
    content = json.dumps(rows, indent=1).replace('"Name hill 150."', "Name").encode()
    found = read_pairs(io.BytesIO(content), name="a.json")
    good = []

    with pytest.raises(UnreadableFile, match=r"line 753, column 18: Expecting value"):
        good.extend(found)

    assert [row.number for row in good] == list(range(1, 151))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("shape", ["[{}]", "{}", '{{"data": [{}], "version": 2}}'])
def test_a_row_that_is_too_long_costs_itself_only(shape, name, monkeypatch):
    monkeypatch.setattr(json_text, "MAX_VALUE_CHARS", 300)
    monkeypatch.setattr(json_pairs, "MAX_VALUE_CHARS", 300)
    long = {**GOOD, "output": 'He said: "[{\\' * 100, "tags": [["]"], {"}": '"'}]}
    is_row = shape == "{}"
    parts = [json.dumps(row, indent=2) for row in (GOOD, long, GOOD)]
    content = shape.format(("\n" if is_row else ",").join(parts)).encode()

    rows = read(content, name)

    assert [row.number for row in rows if isinstance(row, PairRow)] == [1, 3]
    (problem,) = problems(rows)
    assert problem.number == 2
    assert "more than 300 characters" in problem.message
    assert "Name a hill" in problem.source


COLUMN = {str(n): "a" for n in range(99)}
LONG = [{**GOOD, "instruction": f"Name hill {n}."} for n in range(50)]


def test_what_stands_beside_a_long_wrapped_list_is_told(monkeypatch):
    monkeypatch.setattr(json_text, "MAX_VALUE_CHARS", 500)
    document = {"version": {"a": 1}, "none": None, "x": [1], "data": LONG, "last": 2}

    rows = read(json.dumps(document).encode(), "a.json")

    assert [pair[0] for pair in pairs(rows)] == [row["instruction"] for row in LONG]
    assert "'version', 'x', 'last'." in remarks(rows)[0]


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ({"train": LONG, "test": LONG}, "several.*train, test"),
        ({"instruction": ["a"] * 99, "output": ["c"] * 99}, "written by columns"),
        ({"prompt": COLUMN, "answer": COLUMN}, 'orient="records"'),
        ({"name": ["a set"] * 99}, "not a list"),
    ],
)
def test_a_long_document_without_one_list_is_refused_with_a_hint(
    document, wrong, monkeypatch
):
    monkeypatch.setattr(json_text, "MAX_VALUE_CHARS", 500)

    with pytest.raises(UnreadableFile, match=wrong):
        read(json.dumps(document).encode(), "a.json")


def test_a_wrapped_list_may_stand_on_one_line_that_is_long(monkeypatch):
    monkeypatch.setattr(jsonl_pairs, "MAX_LINE_BYTES", 100)
    document = {"data": [{**GOOD, "output": "é" * 80}] * 3}

    rows = read(json.dumps(document, ensure_ascii=False).encode(), "a.json")

    assert len(pairs(rows)) == 3


def test_lists_that_were_joined_are_one():
    content = json.dumps([GOOD]) + "\ufeff\n" + json.dumps([GOOD, GOOD])

    assert [row.number for row in read(content.encode(), "a.json")] == [1, 2, 3]


def test_a_text_that_ends_within_a_long_value_is_refused(monkeypatch):
    monkeypatch.setattr(json_text, "MAX_VALUE_CHARS", 100)
    text = JsonText(io.BytesIO(b'["' + b"a\\n" * 500))

    with pytest.raises(UnreadableFile, match="ends within a value"):
        list(text.elements())


def test_a_long_value_is_shown_by_its_start(monkeypatch):
    monkeypatch.setattr(json_text, "MAX_VALUE_CHARS", 100)

    long, after = taken(b'["' + b"\\\\\\n" * 500 + b'", 7]')

    assert isinstance(long, LongValue)
    assert long.start.startswith('"' + "\\\\\\n" * 20)
    assert after == 7
