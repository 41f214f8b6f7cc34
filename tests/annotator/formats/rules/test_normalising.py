"""What a reader cannot see is made alike; what a script needs stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.formats.rules.fences import parts
from annotator.formats.rules.normalising import Normalise
from annotator.formats.rules.outcomes import NOTHING, UnusableSetting
from revision_engine.types import PairText
from tests.annotator.formats.rules.texts import RIGHT


def normalised(text: str, **settings: object) -> str:
    pair = PairText(instruction="Say it.", response=text)
    made = Normalise(**settings).check(pair).text
    return made.response if made else text


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_stays(text):
    assert normalised(text) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cafe\u0301", "café"),
        ("a\u2028b\u0085c\r\nd\re", "a\nb\nc\nd\ne"),
        ("a \nb\t\nc  ", "a\nb\nc"),
        ("zero\u200bwidth\ufeff and\u2060 joiner", "zerowidth and joiner"),
        ("\ufeffbegin", "begin"),
        ("a\n\n\n\n\nb", "a\n\n\nb"),
        ("a   \nb", "a\nb"),
        ("word\u3000\nnext\u00a0", "word\nnext"),
    ],
)
def test_what_cannot_be_seen_is_made_alike(text, wanted):
    assert normalised(text) == wanted
    assert normalised(wanted) == wanted


@pytest.mark.parametrize(
    ("switch", "text"),
    [
        ({"unicode_nfc": False}, "cafe\u0301"),
        ({"line_ends": False}, "a\u2028b"),
        ({"trailing_blanks": False}, "a \nb "),
        ({"zero_width": False}, "a\u200bb"),
        ({"most_blank_lines": 0}, "a\n\n\n\n\nb"),
    ],
)
def test_each_part_can_be_switched_off(switch, text):
    assert normalised(text) != text
    assert normalised(text, **switch) == text


def test_around_fenced_code_all_is_done_and_within_nothing():
    code = "```\nx  \u200b\n\n\n\n\n```\n"

    assert normalised(f"a \n{code}b\u200b ") == f"a\n{code}b"


@pytest.mark.parametrize(
    "text", ["``\u200b`\nx", "\u200b```\nx", "\u2060\ufeff~~~\nx", "~\u200b~\ufeff~"]
)
def test_no_fence_begins_where_there_was_none(text):
    assert normalised(text) == text


def test_hindi_keeps_its_signs_and_its_meaning():
    text = "क़लम और ज़रूरत, हिन्दी में"

    made = normalised(text)

    assert unicodedata.normalize("NFD", made) == unicodedata.normalize("NFD", text)


def test_nothing_to_do_is_nothing():
    pair = PairText(instruction="Say it.", response="So.")

    assert Normalise().check(pair) is NOTHING


def test_a_number_below_zero_is_refused():
    with pytest.raises(UnusableSetting, match="most_blank_lines"):
        Normalise(most_blank_lines=-1)


@given(st.text(alphabet="`~ab \n\r\u200b\u200d\u0301क", max_size=60))
def test_the_pieces_make_up_the_text_and_twice_is_once(text):
    assert "".join(piece for _, piece in parts(text)) == text
    once = normalised(text)
    assert normalised(once) == once
    assert [p for code, p in parts(text) if code] == [
        p for code, p in parts(once) if code
    ] or "\r" in text
