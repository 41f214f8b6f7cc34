"""What changed, word by word."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.diffs import word_diff


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_the_sides_of_the_hunks_join_to_the_texts(before, after):
    hunks = word_diff(before, after)

    assert "".join(hunk.before for hunk in hunks) == before
    assert "".join(hunk.after for hunk in hunks) == after


def test_one_changed_word_is_one_hunk():
    hunks = word_diff("The cat sat down.", "The dog sat down.")

    changed = [(h.before, h.after) for h in hunks if h.kind != "equal"]
    assert changed == [("cat", "dog")]


def test_neighbouring_changes_join_over_white_space():
    hunks = word_diff("one two three", "uno dos three")

    changed = [(h.before, h.after) for h in hunks if h.kind != "equal"]
    assert changed == [("one two", "uno dos")]


def test_chinese_is_compared_sign_by_sign():
    hunks = word_diff("我喜欢茶", "我喜欢咖啡")

    changed = [(h.before, h.after) for h in hunks if h.kind != "equal"]
    assert changed == [("茶", "咖啡")]
