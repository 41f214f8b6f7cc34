"""The demo's pairs keep what its README says of them."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

import annotator
from annotator.formats.keys import read_row
from annotator.formats.rows import PairRow
from revision_engine.types import PairText
from training.examples import fingerprint

ROWS = json.loads((Path(annotator.__file__).parent / "demo" / "pairs.json").read_text())


def test_there_are_enough_pairs_and_revisions():
    read = [read_row(number, row) for number, row in enumerate(ROWS, 1)]

    assert all(isinstance(row, PairRow) for row in read)
    assert len(read) >= 120
    assert sum(row.revised is not None for row in read) >= 30
    assert any(row.input == "<noinput>" for row in read)


def test_no_pair_comes_twice_and_every_revision_changes_something():
    keys = Counter(_print(row) for row in ROWS)

    revised = [row for row in ROWS if "Revised Response" in row]

    assert max(keys.values()) == 1
    assert all(row["Revised Response"] != row["Raw Response"] for row in revised)


def test_no_pair_is_taken_from_the_expert_revisions():
    folder = os.environ.get("COACHLM_DATA")
    if not folder:
        pytest.skip("COACHLM_DATA names no folder with the expert revisions.")
    experts = json.loads((Path(folder) / "expert_revisions.json").read_text())

    taken = {_print(row) for row in experts} & {_print(row) for row in ROWS}

    assert not taken


def _print(row: dict[str, str]) -> str:
    return fingerprint(
        PairText(
            instruction=row["Raw Instruction"],
            input=row["Raw Input"],
            response=row["Raw Response"],
        )
    )
