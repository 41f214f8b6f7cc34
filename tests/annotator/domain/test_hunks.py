"""A final text is read as decisions about the draft's hunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from annotator.domain import mixes
from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.hunks import Outcome, lay, place

RAW = "The cat sat on the mat. It were happy.\n- one\n- two"
DRAFT = "The small cat sat on the mat. It was happy.\n- one\n- two\n- three"
LINES = st.lists(st.sampled_from(["a", "bb", "c,", "。中文", "-", "1.\n"]), max_size=14)
TEXTS = LINES.map(" ".join)
NEAR = st.sampled_from(
    [
        ["a", "b", " "],
        ["a ", "a", "Tom eats. ", "\n"],
        ["x", "=", "(", ")", "\n", "    ", "foo_bar"],
        ["喜", "欢", "茶", "。"],
        ["e\u0301", "e", "\u0301", " "],
        ["हि", "ह", "ी", "क्षि", " "],
        ["น", "ำ", "ไ", "ท"],
        ["😀", "👍🏽", "👍", "\u200d", "🇩", "🇪"],
    ]
)
"""Small alphabets, so that different mixes often make the same text."""
DECIDED = {None, Outcome.ACCEPTED, Outcome.REJECTED}
STEM = [Hunk("equal", "b ", "b ")]
A = "a b "


def of(alphabet: Sequence[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(alphabet), max_size=14).map("".join)


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


def made_by(hunks: Sequence[Hunk]) -> Iterator[str]:
    """Every text that accepting and rejecting can make; each hunk has two ways."""
    changes = [hunk.kind != "equal" for hunk in hunks]
    for sides in product(*[("after", "before")[: 1 + each] for each in changes]):
        yield "".join(getattr(h, side) for h, side in zip(hunks, sides, strict=True))


@settings(max_examples=300, deadline=None)
@given(NEAR, st.data())
def test_every_mix_of_decisions_is_read_as_decisions(alphabet, data):
    raw, draft = data.draw(of(alphabet)), data.draw(of(alphabet))
    hunks = word_diff(raw, draft)
    assume(sum(hunk.kind != "equal" for hunk in hunks) <= 7)

    for final in made_by(hunks):
        pieces = lay(hunks, final)

        assert "".join(p.final for p in pieces) == final
        assert [p.before for p in pieces] == [h.before for h in hunks]
        assert [p.after for p in pieces] == [h.after for h in hunks]
        assert {p.outcome for p in pieces} <= DECIDED


@settings(max_examples=200, deadline=None)
@given(NEAR, st.data())
def test_the_draft_is_all_accepted_and_the_raw_text_all_rejected(alphabet, data):
    raw, draft = data.draw(of(alphabet)), data.draw(of(alphabet))

    assert set(outcomes(raw, draft, draft)) <= {Outcome.ACCEPTED}
    if raw != draft:
        assert set(outcomes(raw, draft, raw)) == {Outcome.REJECTED}


def test_a_kept_raw_text_is_rejected_where_its_words_repeat():
    raw, draft = "Tom eats. a a", "a Tom eats. a"

    assert outcomes(raw, draft, raw) == [Outcome.REJECTED] * 2


def test_of_two_mixes_the_one_that_accepts_more_and_earlier_is_read():
    change = Hunk("insert", "", "a ")

    decided = [p.outcome for p in lay([change, *STEM, change, *STEM, change], A + A)]

    assert decided == [Outcome.ACCEPTED, None, Outcome.ACCEPTED, None, Outcome.REJECTED]


@given(NEAR, st.data())
def test_typing_in_one_place_leaves_the_decisions_elsewhere(alphabet, data):
    raw, draft = data.draw(of(alphabet)), data.draw(of(alphabet))
    hunks = word_diff(raw, draft)
    sides = [data.draw(st.sampled_from([hunk.after, hunk.before])) for hunk in hunks]
    at = data.draw(st.integers(0, len(sides)))
    final = "".join([*sides[:at], "@", *sides[at:]])

    pieces = lay(hunks, final)

    assert "".join(p.final for p in pieces) == final
    assert "".join(p.before for p in pieces) == raw
    assert "".join(p.after for p in pieces) == draft
    strange = [p for p in pieces if p.outcome not in DECIDED]
    assert len(strange) == 1
    assert "@" in strange[0].final


def test_what_is_typed_beside_a_change_belongs_to_it():
    raw, draft = "The cat sat", "The small cat sat"

    typed = [p for p in place(raw, draft, "The small! cat sat") if p.outcome]

    assert [(p.after, p.final) for p in typed] == [("small ", "small! ")]


def test_a_text_that_repeats_itself_for_ever_is_laid_in_few_steps():
    hunks = [*[Hunk("insert", "", "a"), Hunk("insert", "", "aa")] * 2000]

    pieces = lay(hunks, "a" * 3001)

    assert "".join(p.final for p in pieces) == "a" * 3001
    assert sum(map(len, mixes.from_the_left(hunks, "a" * 3001))) <= mixes.MOST_STEPS
