from __future__ import annotations

import io
import json

import pytest

from annotator.formats import two_sided
from annotator.formats.rows import UnreadableFile

RAW = {"instruction": "Name a river.", "input": "", "output": "Rhine"}
REVISED = {"instruction": "Name a river.", "input": "", "output": "The Rhine."}


def read(rows, most=100):
    return two_sided.read(
        io.BytesIO(json.dumps(rows).encode()), name="a.json", most=most
    )


def test_expert_revisions_hold_both_sides():
    row = {
        "Raw Instruction": "Name a river.",
        "Raw Response": "Rhine",
        "Revised Instruction": "Name a river.",
        "Revised Response": "The Rhine.",
        "category": "geography",
    }

    (pair,) = two_sided.of_one(read([row])).pairs

    assert (pair.raw.response, pair.revised.response) == ("Rhine", "The Rhine.")
    assert (pair.number, pair.category) == (1, "geography")


def test_a_revised_dataset_holds_its_raw_side_beside_it():
    (pair,) = two_sided.of_one(read([{**REVISED, "raw": RAW}])).pairs

    assert (pair.raw.response, pair.revised.response) == ("Rhine", "The Rhine.")


def test_a_coachs_training_set_holds_both_sides():
    texts = {
        side: {"instruction": "Name a river.", "input": "", "response": response}
        for side, response in (("raw", "Rhine"), ("revised", "The Rhine."))
    }

    (pair,) = two_sided.of_one(read([{"source_id": "1", **texts, "distance": 5}])).pairs

    assert (pair.raw.response, pair.revised.response) == ("Rhine", "The Rhine.")


def test_rows_with_one_side_are_counted_and_left_out():
    found = two_sided.of_one(read([RAW, {**REVISED, "raw": RAW}, {"instruction": "?"}]))

    assert len(found.pairs) == 1
    assert found.left_out == {two_sided.ONE_SIDE: 1, two_sided.UNREADABLE: 1}


def test_two_files_are_matched_by_their_ids():
    raw = read([{**RAW, "id": n, "output": f"raw {n}"} for n in (1, 2, 3)])
    revised = read([{**REVISED, "id": n, "output": f"new {n}"} for n in (3, 1, 4)])

    found = two_sided.of_two(raw, revised)

    assert [(p.raw.response, p.revised.response) for p in found.pairs] == [
        ("raw 3", "new 3"),
        ("raw 1", "new 1"),
    ]
    assert found.left_out == {two_sided.NO_PARTNER: 2}


def test_an_id_that_stands_twice_matches_nothing():
    raw = read([{**RAW, "id": n} for n in (1, 1, 2)])
    revised = read([{**REVISED, "id": n} for n in (1, 2)])

    found = two_sided.of_two(raw, revised)

    assert len(found.pairs) == 1
    assert found.left_out == {two_sided.TWICE: 2, two_sided.NO_PARTNER: 1}


def test_two_files_without_ids_are_matched_by_their_order():
    found = two_sided.of_two(read([RAW, RAW]), read([REVISED, RAW]))

    assert [p.revised.response for p in found.pairs] == ["The Rhine.", "Rhine"]


def test_files_that_cannot_be_matched_are_refused():
    with pytest.raises(UnreadableFile, match="2 usable rows and the revised one 1"):
        two_sided.of_two(read([RAW, RAW]), read([REVISED]))


def test_a_file_with_too_many_pairs_is_refused_before_all_are_read():
    with pytest.raises(UnreadableFile, match="more than 2 pairs"):
        read([RAW] * 3, most=2)
