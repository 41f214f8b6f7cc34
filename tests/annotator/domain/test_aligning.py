"""Two texts are aligned exactly while that is cheap, and coarsely beyond."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from annotator.domain import aligning
from annotator.domain.aligning import MOST_CELLS, align
from annotator.domain.hunks import place
from annotator.formats.rows import MAX_FIELD_CHARS

TOKENS = st.lists(st.sampled_from(["a", "b", " ", "\n", ". ", "。"]), max_size=40)
ENGLISH = "The quick brown fox jumps over the lazy dog. It did so twice, at noon.\n"
SPREAD = {
    "short words": "a b c d e f g h i j ",
    "words of one letter": "a b ",
    "one sign": "我",
    "sentences": ENGLISH,
    "code": "    if (x[i] == y) { return f(x, i + 1); }\n",
}


@pytest.fixture
def cells(monkeypatch) -> list[int]:
    """The size of each comparison that is made."""
    made: list[int] = []
    exact = Indel.opcodes

    def counted(old, new):
        made.append(len(old) * len(new))
        return exact(old, new)

    monkeypatch.setattr(aligning.Indel, "opcodes", counted)
    return made


def shared(runs) -> int:
    return sum(run.end - run.start for run in runs if run.equal)


@settings(deadline=None)
@given(TOKENS, TOKENS, st.sampled_from([0, 5, 50, 500, MOST_CELLS]))
def test_the_runs_cover_both_texts_and_equal_ones_are_equal(old, new, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aligning, "MOST_CELLS", most)
        runs = align(old, new)

    assert [i for run in runs for i in range(run.start, run.end)] == [*range(len(old))]
    found = [i for run in runs for i in range(run.new_start, run.new_end)]
    assert found == [*range(len(new))]
    for run in runs:
        same = old[run.start : run.end] == new[run.new_start : run.new_end]
        assert same or not run.equal


@given(TOKENS, TOKENS)
def test_small_texts_share_as_much_as_they_can(old, new):
    assert shared(align(old, new)) * 2 == len(old) + len(new) - Indel.distance(old, new)


def test_six_thousand_tokens_are_compared_exactly(cells):
    old = [str(n % 97) for n in range(6_000)]
    new = [str(n % 89) for n in range(6_000)]

    runs = align(old, new)

    assert shared(runs) * 2 == 12_000 - Indel.distance(old, new)
    assert max(cells) > 30_000_000


@pytest.mark.parametrize("sign", SPREAD.values(), ids=SPREAD)
def test_no_two_fields_of_full_length_cost_more_than_the_bound(sign, cells):
    raw = (sign * MAX_FIELD_CHARS)[:MAX_FIELD_CHARS]
    draft, final = (raw[:0] + raw[::-1], f"x{raw[2:]}y")

    pieces = place(raw, draft, final)

    assert "".join(piece.final for piece in pieces) == final
    # Raw to draft, the draft to what was typed over it, and the typed stretches.
    assert sum(cells) <= 3 * MOST_CELLS


def test_far_beyond_the_bound_lines_and_sentences_still_match(cells):
    lines = [f"Line {n} says {n * n}. It is said once more.\n" for n in range(4_000)]
    old = [token for line in lines for token in line.split(" ")]
    lines[10], lines[3_990] = "Other. It is said once more.\n", "Gone.\n"
    new = [token for line in lines for token in line.split(" ")]

    changed = [run for run in align(old, new) if not run.equal]

    assert sum(cells) <= MOST_CELLS
    assert sum(run.end - run.start for run in changed) < 20
