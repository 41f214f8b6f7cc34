"""Words and signs of any script, one table for Python and the browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.diffs import word_diff
from annotator.domain.tokens import is_word, word_count, words

TABLE = json.loads((Path(__file__).parents[2] / "texts.json").read_text("utf-8"))
ROWS = [pytest.param(row, id=row["name"]) for row in TABLE]


def borders(text: str) -> set[int]:
    """Where a text may be cut: between what readers take for signs."""
    return {0} | {found.end() for found in regex.finditer(r"\X", text)}


@pytest.mark.parametrize("row", ROWS)
def test_words_are_counted_as_the_table_says(row):
    assert word_count(row["text"]) == row["words"]


@pytest.mark.parametrize("row", ROWS)
def test_a_changed_sign_is_shown_whole(row):
    hunks = word_diff(row["text"], row["changed"])

    for side in ("before", "after"):
        place, whole = 0, row["text" if side == "before" else "changed"]
        for hunk in hunks:
            assert place in borders(whole)
            place += len(getattr(hunk, side))


@given(st.text())
def test_tokens_join_to_the_text_and_cut_no_sign(text):
    tokens = words(text)

    assert "".join(tokens) == text
    place = 0
    for token in tokens:
        assert place in borders(text)
        place += len(token)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("मेरी हिंदि किताबे", "मेरी हिंदी किताबें", ("हिंदि किताबे", "हिंदी किताबें")),
        ("นํ้าเย็น", "น้ำเย็น", ("นํ้า", "น้ำ")),
        (
            "resume\u0301e",
            "re\u0301sume\u0301",
            ("resume\u0301e", "re\u0301sume\u0301"),
        ),
        ("كَتَبَ الدرس", "كُتِبَ الدرس", ("كَتَبَ", "كُتِبَ")),
        ("don't", "won't", ("don", "won")),
        ("👍🏽 yes", "👍🏿 yes", ("👍🏽", "👍🏿")),
        ("🇩🇪🇫🇷", "🇩🇪🇮🇹", ("🇫🇷", "🇮🇹")),
        ("👨‍👩‍👧!", "👨‍👩‍👦!", ("👨‍👩‍👧", "👨‍👩‍👦")),
        ("𠮷野家", "吉野家", ("𠮷", "吉")),
    ],
)
def test_a_change_holds_whole_signs(before, after, changed):
    found = [h for h in word_diff(before, after) if h.kind != "equal"]

    assert [(h.before, h.after) for h in found] == [changed]


def test_marks_alone_are_no_word():
    assert not is_word("\u0301")
    assert not is_word("__")
    assert is_word("e\u0301")
