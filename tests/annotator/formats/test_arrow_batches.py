"""An Arrow file takes no more memory than is said, whatever its writer chose."""

from __future__ import annotations

import io
import struct

import pyarrow as pa
import pytest

from annotator.formats import arrow_messages, arrow_sizes
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile

NEWS = {"a.arrow": pa.ipc.new_file, "a.stream": pa.ipc.new_stream}
each_kind = pytest.mark.parametrize("name", list(NEWS))


def written(name, columns, *, packed=None, rows=1_000, **more) -> io.BytesIO:
    sink, table = io.BytesIO(), pa.table(columns)
    options = pa.ipc.IpcWriteOptions(compression=packed, **more)
    with NEWS[name](sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    sink.seek(0)
    return sink


def texts(count=3_000):
    return {
        "instruction": [f"Nenne {n}." for n in range(count)],
        "output": ["x" * (n % 900 + 1) for n in range(count)],
    }


@each_kind
@pytest.mark.parametrize("packed", [None, "lz4", "zstd"])
def test_usual_files_are_read_as_before(name, packed):
    columns = {
        **texts(),
        "kind": pa.array(["a", "b", None] * 1_000).dictionary_encode(),
    }

    rows = list(read_pairs(written(name, columns, packed=packed), name=name))

    assert [row.response for row in rows] == columns["output"]
    assert [row.extra["kind"] for row in rows[:3]] == ["a", "b", None]


@each_kind
@pytest.mark.parametrize("packed", [None, "lz4", "zstd"])
def test_a_batch_that_is_too_large_is_refused_before_it_is_read(
    name, packed, monkeypatch
):
    monkeypatch.setattr(arrow_messages, "MAX_BATCH_BYTES", 1_000_000)

    assert list(read_pairs(written(name, texts(), packed=packed), name=name))
    with pytest.raises(UnreadableFile, match=r"1,000,000 are allowed.*fewer rows"):
        read_pairs(written(name, texts(), packed=packed, rows=3_000), name=name)


@each_kind
def test_lists_of_words_count_together(name, monkeypatch):
    monkeypatch.setattr(arrow_messages, "MAX_BATCH_BYTES", 1_000_000)
    words = [f"{n}{'w' * 400_000}" for n in range(3)]
    columns = {f"c{n}": pa.array([word]).dictionary_encode()
               for n, word in enumerate(words)}  # fmt: skip
    told = {"instruction": ["a"], "output": ["b"]}

    assert list(read_pairs(written(name, told | {"c": columns["c0"]}), name=name))
    with pytest.raises(UnreadableFile, match="allowed"):
        read_pairs(written(name, told | columns), name=name)


def test_a_list_of_words_that_replaces_another_counts_alone(monkeypatch):
    monkeypatch.setattr(arrow_messages, "MAX_BATCH_BYTES", 1_000_000)
    sink, schema = io.BytesIO(), None
    batches = [
        pa.record_batch(
            {"instruction": ["a"], "output": pa.array([f"{n}{'w' * 15_000}"] * 1)}
            | {"c": pa.array([f"{n}{'w' * 400_000}"]).dictionary_encode()}
        )
        for n in range(5)
    ]
    schema = batches[0].schema
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    sink.seek(0)

    rows = list(read_pairs(sink, name="a.stream"))

    assert [row.response[0] for row in rows] == list("01234")


SHARING = {
    "words": lambda values: pa.array(values).dictionary_encode(),
    "views": lambda values: pa.array(values, pa.string_view()),
    "runs": lambda values: pa.RunEndEncodedArray.from_arrays(
        pa.array([len(values)], pa.int32()), pa.array(values[:1])
    ),
    "words in a list": lambda values: pa.ListArray.from_arrays(
        pa.array(range(len(values) + 1), pa.int32()),
        pa.array(values).dictionary_encode(),
    ),
    "words in an object": lambda values: pa.StructArray.from_arrays(
        [pa.array(values).dictionary_encode()], ["c"]
    ),
}


@each_kind
@pytest.mark.parametrize("way", list(SHARING))
def test_values_that_share_their_bytes_are_decoded_row_by_row(name, way, monkeypatch):
    monkeypatch.setattr(arrow_sizes, "MAX_BATCH_BYTES", 100_000)
    told = {"instruction": ["a"] * 40, "output": ["b"] * 40}
    column = SHARING[way](["w" * 9_000] * 40)

    parts = list(arrow_sizes.taken_apart(pa.record_batch({**told, "more": column})))
    rows = list(read_pairs(written(name, {**told, "more": column}), name=name))

    assert [part.num_rows for part in parts] == [1] * 40
    assert all(isinstance(row, PairRow) for row in rows)
    assert "w" * 9_000 in str(rows[39].extra["more"])


def test_a_row_of_very_many_long_words_is_told(monkeypatch):
    monkeypatch.setattr(arrow_sizes, "MAX_BATCH_BYTES", 100_000)
    words = pa.array(["w" * 1_000] * 202).dictionary_encode()
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 202], pa.int32()), words)
    file = written("a.arrow", {"instruction": ["a"] * 2, "output": ["b"] * 2,
                               "more": lists})  # fmt: skip

    first, second = read_pairs(file, name="a.arrow")

    assert isinstance(first, PairRow)
    assert isinstance(second, RowProblem)
    assert second.number == 2


def test_rows_of_a_large_batch_of_views_count_by_themselves():
    long = ["x" * 19_000 + str(n) for n in range(300)]
    columns = {"instruction": ["a"] * 300, "output": pa.array(long, pa.string_view())}

    rows = list(read_pairs(written("a.stream", columns), name="a.stream"))

    assert [row.response for row in rows] == long


@each_kind
def test_a_header_that_lies_is_told(name):
    whole = bytearray(written(name, texts(10)).getvalue())
    at = whole.index(b"\xff\xff\xff\xff", 16)
    whole[at + 4 : at + 8] = struct.pack("<i", 1 << 30)

    with pytest.raises(UnreadableFile, match="cannot be read"):
        list(read_pairs(io.BytesIO(bytes(whole)), name=name))


@each_kind
@pytest.mark.parametrize("step", [1, 7])
def test_whatever_is_broken_in_it_a_file_is_read_or_refused(name, step):
    whole = written(name, texts(4)).getvalue()
    for place in range(8, len(whole), step * 5):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            rows = list(read_pairs(io.BytesIO(bytes(broken)), name=name))
        except UnreadableFile:
            continue
        assert all(isinstance(row, PairRow | RowProblem) for row in rows)
