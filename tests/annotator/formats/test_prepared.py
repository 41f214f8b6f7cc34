"""Rows as an import stores them."""

from __future__ import annotations

import hashlib
import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.formats import prepared
from annotator.formats.copy_text import line_of
from annotator.formats.meanings import Meaning
from annotator.formats.prepared import Preparing
from annotator.formats.rows import PairRow
from revision_engine.types import PairText
from training.examples import fingerprint

ESCAPED = {*map(chr, range(0x20)), *'"\\'}


def read(tmp_path, rows, **more):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    with path.open("rb") as file:
        stream = Meaning(name="a.jsonl").rows(file)
        return list(
            Preparing(named=set(), keeps_rows=False).chunks(
                stream, behind=0, size=path.stat().st_size, **more
            )
        )


def test_long_rows_come_in_small_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "MAX_CHUNK_CHARS", 40_000)
    rows = [{"instruction": f"Say {n}.", "output": "x" * 19_000} for n in range(9)]

    chunks = read(tmp_path, rows, most=5_000)

    assert [chunk.taken for chunk in chunks] == [3, 3, 3]
    assert chunks[-1].read_bytes == (tmp_path / "a.jsonl").stat().st_size


def test_only_rows_that_bring_something_are_handed_on_whole(tmp_path):
    plain = {"instruction": "a", "output": "b"}
    revised = {"Revised Instruction": "c", "Revised Response": "d"}

    (chunk,) = read(tmp_path, [plain, {**plain, **revised}], most=10)

    assert [each.row is None for each in chunk.pairs] == [True, False]


def test_a_line_has_tabs_between_values_and_none_within():
    line = line_of(["a\tb", "", "c\\N\\.", "d\ne\rf"])

    assert line == "a\\tb\t\tc\\\\N\\\\.\td\\ne\\rf"


def test_a_nul_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        line_of(["a", "b\0c"])


def test_a_fingerprint_is_the_one_that_json_gives():
    chance = Random(5)
    signs = [*map(chr, range(0x300)), *'\u2028\u2029\ufeff字😀\\"/\x7f', "\U0010ffff"]
    for number in range(500):
        # Half of them have only signs that JSON does not escape.
        own = signs if number % 2 else [sign for sign in signs if sign not in ESCAPED]
        fields = ["".join(chance.choices(own, k=20)) for _ in range(3)]
        pair = PairText(instruction=fields[0], input=fields[1], response=fields[2])
        context = (
            [{"role": "user", "content": fields[0]}] if chance.random() < 0.3 else []
        )

        told = [field.strip() for field in fields]
        if context:
            told.append(json.dumps(context, sort_keys=True))
        written = json.dumps(told, ensure_ascii=False).encode()

        assert fingerprint(pair, context) == hashlib.sha256(written).hexdigest()


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.text(max_size=5) | st.integers() | st.booleans() | st.floats() | st.none(),
        max_size=4,
    )
)
def test_side_columns_are_written_as_json_writes_them(extra):
    row = PairRow(number=1, instruction="a", input="", response="b", extra=extra)

    told = prepared.prepared(row, keeps_row=False).line.split("\t")

    assert told[prepared.LINE.index("extra")] == line_of([json.dumps(extra)])


def test_the_first_chunk_is_soon_there(tmp_path):
    rows = [{"instruction": f"Say {n}.", "output": "x"} for n in range(2_500)]

    chunks = read(tmp_path, rows, most=1_200)

    assert [chunk.taken for chunk in chunks] == [prepared.FIRST, 1_200, 300]
    assert [each.number for c in chunks for each in c.pairs] == list(range(1, 2_501))
