"""The short cut for plain rows makes of a row what the whole way makes of it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotator.formats import keys, plain_rows
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.formats.spellings import SPELLINGS

USUAL = ["instruction", "input", "output", "id", "category", "source"]
NAMES = st.one_of(
    st.sampled_from(USUAL),
    st.sampled_from([name for names in SPELLINGS.values() for name in names]),
    st.sampled_from(["row", "message", "source", "label", "Output", "ID", "note"]),
)
SIGNS = st.sampled_from([*'ab"\\ \t\n\r\0\u2028\x85字😀\ud800\x1f', "Say it."])
TEXTS = st.lists(SIGNS, max_size=6).map("".join) | st.text(max_size=4)
VALUES = st.one_of(
    TEXTS,
    st.sampled_from(["Say it.", "x" * (MAX_FIELD_CHARS + 1), "7", "two  blanks", "  "]),
    st.none() | st.booleans() | st.floats() | st.integers(),
    st.sampled_from([1 << 70, -(1 << 63), [["a", "b"]], {"a": 1}, []]),
    st.just([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]),
)
TOLD = st.fixed_dictionaries({"instruction": TEXTS, "output": TEXTS})
ROWS = st.builds(lambda a, b: {**a, **b}, TOLD, st.dictionaries(NAMES, VALUES))
PLAIN = {"instruction": "Say it.", "input": "", "output": "It."}


def whole_way(number, row):
    return keys.guarded(number, row, keys.read_whole)


@settings(max_examples=500, deadline=None)
@given(ROWS | st.dictionaries(NAMES, VALUES, max_size=6))
@example({**PLAIN, "id": True})
@example({**PLAIN, "id": 7, "category": None, "score": 1.0})
@example({**PLAIN, "category": " a"})
@example({"row": 1, "message": "", "source": '{"instruction": "a", "output": "b"}'})
def test_both_ways_make_the_same_of_any_row(row):
    found = plain_rows.pair_of(3, row)

    if found is not None:
        # Words, since 1 equals True and 1.0, and columns have an order.
        assert repr(found) == repr(whole_way(3, row))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"id": "a-1", "category": "writing", "source": "made up"},
        {"id": 7, "score": 0.5, "kept": False, "note": None},
        {"id": None, "category": None, "input": None},
        {"output": "Zeilen\nmit Umlauten: äöü, 字 und 😀.", "input": "\t“so”\\n"},
    ],
)
def test_usual_rows_take_the_short_cut(more):
    row = {**PLAIN, **more}

    found = plain_rows.pair_of(3, row)

    assert found is not None
    assert repr(found) == repr(whole_way(3, row)) == repr(keys.read_row(3, row))


@pytest.mark.parametrize(
    "names",
    [
        {"prompt": "Say it.", "response": "It."},
        {"question": "Why?", "answer": "So.", "context": "Here."},
        {"Raw Instruction": "Say it.", "Raw Input": "", "Raw Response": "It."},
    ],
)
def test_other_names_for_a_pair_take_it_too(names):
    found = plain_rows.pair_of(1, names)

    assert found is not None
    assert repr(found) == repr(whole_way(1, names))


def test_a_row_does_not_share_its_shape_with_the_next():
    row = {"prompt": "Say it.", "response": "It."}

    first, second = plain_rows.pair_of(1, row), plain_rows.pair_of(2, row)

    assert first is not None
    assert second is not None
    assert first.shape == second.shape
    assert first.shape is not second.shape
