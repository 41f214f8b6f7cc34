"""A final text is read as decisions about the draft's hunks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.diffs import word_diff
from annotator.domain.hunks import Outcome, place

RAW = "The cat sat on the mat. It were happy.\n- one\n- two"
DRAFT = "The small cat sat on the mat. It was happy.\n- one\n- two\n- three"
LINES = st.lists(st.sampled_from(["a", "bb", "c,", "。中文", "-", "1.\n"]), max_size=14)
TEXTS = LINES.map(" ".join)


def outcomes(raw: str, draft: str, final: str) -> list[Outcome]:
    return [p.outcome for p in place(raw, draft, final) if p.outcome]


def test_the_draft_as_it_is_accepts_every_hunk():
    assert outcomes(RAW, DRAFT, DRAFT) == [Outcome.ACCEPTED] * 3


def test_the_raw_text_rejects_every_hunk():
    assert outcomes(RAW, DRAFT, RAW) == [Outcome.REJECTED] * 3


def test_each_hunk_is_decided_by_itself():
    final = DRAFT.replace("was", "were")

    decided = outcomes(RAW, DRAFT, final)

    assert decided == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]


def test_typing_in_a_hunk_edits_it():
    final = DRAFT.replace("small", "tiny")

    decided = outcomes(RAW, DRAFT, final)

    assert decided == [Outcome.EDITED, Outcome.ACCEPTED, Outcome.ACCEPTED]


def test_typing_elsewhere_is_a_change_of_ones_own():
    final = DRAFT.replace("mat", "rug")

    pieces = [p for p in place(RAW, DRAFT, final) if p.outcome]

    assert [p.outcome for p in pieces] == [
        Outcome.ACCEPTED,
        Outcome.OWN,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
    ]
    assert (pieces[1].before, pieces[1].final) == ("mat", "rug")


@given(TEXTS, TEXTS, TEXTS)
def test_the_pieces_join_to_the_three_texts(raw, draft, final):
    pieces = place(raw, draft, final)

    assert "".join(p.before for p in pieces) == raw
    assert "".join(p.after for p in pieces) == draft
    assert "".join(p.final for p in pieces) == final


@given(TEXTS, TEXTS, st.data())
def test_a_text_made_of_decisions_has_no_edits_of_its_own(raw, draft, data):
    hunks = word_diff(raw, draft)
    final = "".join(
        data.draw(st.sampled_from([hunk.before, hunk.after])) for hunk in hunks
    )

    decided = {p.outcome for p in place(raw, draft, final)}

    assert "".join(p.final for p in place(raw, draft, final)) == final
    if final in (raw, draft):
        assert decided <= {None, Outcome.ACCEPTED, Outcome.REJECTED}


@pytest.mark.parametrize("sign", ["word ", "中", "- item\n", "x = f(y)\n"])
def test_four_thousand_characters_take_less_than_a_blink(sign):
    raw = sign * (4000 // len(sign))
    draft = "".join(
        sign if n % 7 else sign.upper() + "+" for n in range(4000 // len(sign))
    )
    final = draft.replace("+", "-", 5)

    began = time.process_time()
    place(raw, draft, final)

    # 20 ms is the promise; a busy machine gets some slack.
    assert time.process_time() - began < 0.1
