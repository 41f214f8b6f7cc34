"""Every line ends in one sign."""

from __future__ import annotations

import pytest

from annotator.domain.line_ends import as_newlines, with_newlines
from revision_engine.types import PairText


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb\rc", "a\nb\nc"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("a\n\rb", "a\n\nb"),
        ("\r\na\r", "\na\n"),
        ("a\nb\tc\u2028d\x0be", "a\nb\tc\u2028d\x0be"),
    ],
)
def test_line_ends_become_newlines_and_nothing_else_changes(given, kept):
    pair = PairText(instruction=given, input=given, response=given)

    assert as_newlines(given) == kept
    assert with_newlines(pair) == PairText(instruction=kept, input=kept, response=kept)
    assert as_newlines(kept) == kept
