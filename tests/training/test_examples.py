"""What a coach learns from, and how it is chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revision_engine.types import PairText
from training.examples import (
    RevisionExample,
    edit_distance,
    fingerprint,
    is_held_out,
    most_revised,
    read_jsonl,
    write_jsonl,
)

RAW = PairText(instruction="Name a river.", response="Nile")
FAR = PairText(instruction="Name a long river.", response="The Nile.")


def example(source_id: str, distance: int) -> RevisionExample:
    return RevisionExample(source_id=source_id, raw=RAW, revised=FAR, distance=distance)


def test_the_most_revised_share_is_kept_and_ties_go_by_source():
    examples = [example("b", 3), example("c", 9), example("a", 3), example("d", 0)]

    kept = most_revised(examples, 0.5)

    assert [e.source_id for e in kept] == ["c", "a"]


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        most_revised([example("a", 1)], share)


def test_even_the_smallest_share_keeps_one():
    assert len(most_revised([example("a", 1), example("b", 2)], 0.01)) == 1


def test_the_distance_counts_the_edits_of_all_fields():
    assert edit_distance(RAW, FAR) == len("long ") + len("The ") + len(".")
    assert edit_distance(RAW, replace(RAW, input="xy")) == 2


def test_a_fingerprint_is_of_the_text_not_of_the_space_around_it():
    assert fingerprint(replace(RAW, response=" Nile\n")) == fingerprint(RAW)
    assert fingerprint(FAR) != fingerprint(RAW)


@given(st.text(max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_holds_out_the_same_pairs_and_more(text, one, other):
    small, large = sorted((one, other))

    assert is_held_out(text, small) <= is_held_out(text, large)


def test_about_a_tenth_is_held_out():
    held_out = sum(is_held_out(str(number), 0.1) for number in range(2000))

    assert 150 < held_out < 250


def test_examples_are_read_back_from_their_file(tmp_path):
    examples = [example("a", 1), replace(example("河", 2), revised=RAW)]

    digest = write_jsonl(tmp_path / "train.jsonl", examples)

    assert list(read_jsonl(tmp_path / "train.jsonl")) == examples
    assert digest == write_jsonl(tmp_path / "again.jsonl", examples)
