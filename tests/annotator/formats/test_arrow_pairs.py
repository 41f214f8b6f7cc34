"""Parquet, Arrow and Feather give the rows that went into them."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from annotator.formats import arrow_pairs, unpacking
from annotator.formats.reading import UnknownShape, UnreadableFile, raw_rows, read_pairs
from annotator.formats.rows import PairRow
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks

ROWS = [
    {
        "instruction": f"Nenne den {n}. Hügel.",
        "input": "" if n % 3 else "中文 😀",
        "output": f"Line one\nline {n}",
        "id": n,
        "score": n / 3,
        "tags": ["a", None] if n % 2 else [],
        "meta": {"lang": "de", "turns": [{"role": "user", "content": "x"}]},
    }
    for n in range(1200)
]
TABLE = pa.Table.from_pylist(ROWS)


def parquet(table: pa.Table = TABLE, **more) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **{"row_group_size": 250, **more})
    return sink.getvalue()


def ipc(
    table: pa.Table = TABLE, new=pa.ipc.new_file, batch: int = 250, **more
) -> bytes:
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(**more)
    with new(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=batch)
    return sink.getvalue()


def stream(table: pa.Table = TABLE, **more) -> bytes:
    return ipc(table, pa.ipc.new_stream, **more)


def feather(table: pa.Table = TABLE) -> bytes:
    sink = io.BytesIO()
    pyarrow.feather.write_feather(table, sink)
    return sink.getvalue()


WRITERS = {"parquet": parquet, "arrow": ipc, "stream": stream, "feather": feather}
written = pytest.mark.parametrize("kind", list(WRITERS))


def rows_of(content: bytes, name: str = "a.json") -> list[dict]:
    return [dict(row) for _, row in raw_rows(io.BytesIO(content), name=name)]


@written
@pytest.mark.parametrize("name", ["a.parquet", "a.json", "a.csv", "a"])
def test_a_table_is_read_by_its_first_bytes(kind, name):
    rows = read(WRITERS[kind](), name)

    assert pairs(rows) == [(r["instruction"], r["input"], r["output"]) for r in ROWS]
    assert [row.number for row in rows] == list(range(1, len(ROWS) + 1))
    assert not remarks(rows)


@written
def test_columns_of_lists_and_objects_come_out_as_they_went_in(kind):
    assert rows_of(WRITERS[kind]()) == ROWS


@pytest.mark.parametrize(
    "content",
    [
        parquet(compression="zstd"),
        parquet(compression="gzip", data_page_version="2.0"),
        parquet(use_dictionary=False, compression="none"),
        parquet(row_group_size=5000),
        ipc(compression="lz4"),
        stream(compression="zstd", batch=7),
    ],
)
def test_however_it_was_packed(content):
    assert rows_of(content) == ROWS


def test_every_cell_is_a_value_that_json_holds():
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=datetime.UTC)
    cells = {
        "us": pa.array([moment.replace(tzinfo=None)], pa.timestamp("us")),
        "ns": pa.array([1767323045678900001], pa.timestamp("ns")),
        "utc": pa.array([moment], pa.timestamp("ms", "UTC")),
        "date": pa.array([datetime.date(2026, 1, 2)]),
        "time": pa.array([datetime.time(3, 4, 5)], pa.time64("us")),
        "decimal": pa.array([decimal.Decimal("1.50")]),
        "inner": pa.array([[{"at": moment.replace(tzinfo=None), "n": 2.0}]]),
        "text": pa.array(["中文".encode()]),
        "bytes": pa.array([b"\xff\0"]),
        "nan": pa.array([float("nan")]),
        "nans": pa.array([[float("nan"), float("inf"), -float("inf"), 1.5]]),
        "map": pa.array([[("a", 1), ("b", 2)]], pa.map_(pa.string(), pa.int64())),
        "word": pa.array(["x"]).dictionary_encode(),
        "large": pa.array(["x"], pa.large_string()),
        "big": pa.array([2**64 - 1], pa.uint64()),
        "null": pa.array([None]),
        "truth": pa.array([True]),
        "ids": pa.array([[1, 2]], pa.list_(pa.int32(), 2)),
        "view": pa.array(["x"], pa.string_view()),
        "span": pa.array([datetime.timedelta(days=1, seconds=5)]),
    }

    (row,) = rows_of(stream(pa.table(cells)))

    assert (
        json.loads(json.dumps(row, allow_nan=False))
        == row
        == {
            "us": "2026-01-02 03:04:05.678900",
            "ns": "2026-01-02 03:04:05.678900001",
            "utc": "2026-01-02 03:04:05.678Z",
            "date": "2026-01-02",
            "time": "03:04:05.000000",
            "decimal": "1.50",
            "inner": [{"at": "2026-01-02 03:04:05.678900", "n": 2.0}],
            "text": "中文",
            "bytes": {"base64": "/wA="},
            "nan": None,
            "nans": [None, "Infinity", "-Infinity", 1.5],
            "map": {"a": 1, "b": 2},
            "word": "x",
            "large": "x",
            "big": 2**64 - 1,
            "null": None,
            "truth": True,
            "ids": [1, 2],
            "view": "x",
            "span": "1 day, 0:00:05",
        }
    )


def test_columns_of_one_name_are_all_kept():
    one, two = pa.array(["a"]), pa.array(["b"])
    table = pa.Table.from_arrays(
        [one, one, one, two], ["instruction", "output", "n", "n"]
    )

    (row,) = read(ipc(table))

    assert isinstance(row, PairRow)
    assert row.extra == {"n": "a", "n (2)": "b"}


@pytest.mark.parametrize("make", [parquet, ipc, stream])
def test_bytes_that_are_no_utf_8_cost_their_row_only(make):
    texts = pa.array([b"a", b"\xff\xfe", b"c"]).view(pa.string())
    table = pa.table({"instruction": texts, "output": ["x", "y", "z"]})

    rows = read(make(table))

    assert [pair[0] for pair in pairs(rows)] == ["a", "c"]
    (problem,) = problems(rows)
    assert problem.number == 2
    assert "no UTF-8" in problem.message


@pytest.mark.parametrize("make", [parquet, ipc, stream])
@pytest.mark.parametrize("cut", [20, 3000, -10])
def test_a_broken_table_is_refused_in_words(make, cut):
    with pytest.raises(UnreadableFile, match=r"that cannot be read|no rows"):
        read(make()[:cut], "a.parquet")


@pytest.mark.parametrize("make", [parquet, ipc, stream])
def test_a_table_with_wrong_bytes_never_does_more_than_refuse(make):
    whole = make(TABLE.slice(0, 40))
    for place in range(0, len(whole), max(1, len(whole) // 300)):
        content = bytearray(whole)
        content[place] ^= 0x55
        try:
            read(bytes(content), "a.parquet")
        except UnreadableFile:
            continue


def test_a_table_that_lacks_the_columns_names_them_or_is_read_raw():
    table = pa.table({"frage": ["a"], "antwort": ["b"]})

    with pytest.raises(UnknownShape, match="instruction"):
        read(parquet(table))
    assert rows_of(parquet(table)) == [{"frage": "a", "antwort": "b"}]


def test_a_table_without_rows_says_so():
    with pytest.raises(UnreadableFile, match="holds no rows"):
        read(parquet(TABLE.slice(0, 0)), "a.parquet")


def test_a_table_that_becomes_too_much_is_cut_off(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", 100_000)
    table = pa.table({"instruction": ["a" * 1000] * 9000, "output": ["b"] * 9000})

    with pytest.raises(UnreadableFile, match="more than 100,000 bytes"):
        read(parquet(table), "a.parquet")


@written
def test_the_share_grows(kind):
    found = read_pairs(io.BytesIO(WRITERS[kind]()), name="a")
    shares = [found.share for _ in found]

    assert shares == sorted(shares)
    assert shares[0] <= 0.5 or kind == "feather"
    assert found.share == 1


def saved(splits: dict[str, list[bytes]], wrap: str = "") -> bytes:
    """As `datasets.save_to_disk` leaves a folder, in a zip archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        if len(splits) > 1:
            archive.writestr(
                f"{wrap}dataset_dict.json", json.dumps({"splits": list(splits)})
            )
        for split, parts in splits.items():
            folder = f"{wrap}{split}/" if len(splits) > 1 else wrap
            names = [f"data-{n:05}-of-{len(parts):05}.arrow" for n in range(len(parts))]
            for name, part in zip(names, parts, strict=True):
                archive.writestr(folder + name, part)
            archive.writestr(folder + "cache-1.arrow", stream(TABLE.slice(0, 3)))
            archive.writestr(folder + "dataset_info.json", "{}")
            state = {"_data_files": [{"filename": name} for name in names]}
            archive.writestr(folder + "state.json", json.dumps(state))
    return whole.getvalue()


@pytest.mark.parametrize("wrap", ["", "my-set/"])
def test_a_saved_dataset_is_read_without_what_lies_beside_it(wrap):
    parts = [stream(TABLE.slice(0, 700)), stream(TABLE.slice(700))]

    rows = read(saved({"train": parts}, wrap), "a.zip")

    assert [pair[0] for pair in pairs(rows)] == [row["instruction"] for row in ROWS]
    assert remarks(rows) == ["The file was a dataset that `datasets` had saved."]


def test_all_splits_are_read_in_their_order():
    one, two = TABLE.slice(0, 2), TABLE.slice(2, 2)

    rows = read(saved({"validation": [stream(two)], "train": [stream(one)]}), "a.zip")

    names = [row["instruction"] for row in ROWS]
    assert [pair[0] for pair in pairs(rows)] == names[2:4] + names[:2]
    assert "one after the other: validation, train" in remarks(rows)[1]


def test_parts_of_parquet_in_an_archive_are_one():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("data/train-00001.parquet", parquet(TABLE.slice(600)))
        archive.writestr("data/train-00000.parquet", parquet(TABLE.slice(0, 600)))
        archive.writestr("dataset_info.json", "{}")

    rows = read(whole.getvalue(), "a.zip")

    assert [pair[0] for pair in pairs(rows)] == [row["instruction"] for row in ROWS]
    assert remarks(rows)[2] == "These files in it are not read: dataset_info.json."


def test_few_rows_are_decoded_at_once(monkeypatch):
    monkeypatch.setattr(arrow_pairs, "ROWS", 7)

    assert rows_of(stream(batch=1200)) == rows_of(parquet(row_group_size=1200)) == ROWS


@pytest.mark.parametrize("make", [parquet, ipc, stream])
def test_a_row_that_is_too_long_costs_itself_only(make, monkeypatch):
    monkeypatch.setattr(arrow_pairs, "MAX_DECODED_BYTES", 5_000)
    monkeypatch.setattr(arrow_pairs, "MAX_ROW_BYTES", 3_000)
    outputs = ["a", "b" * 4000, "c" * 2000]
    table = pa.table({"instruction": ["x", "y", "z"], "output": outputs})

    rows = read(make(table))

    assert [pair[2] for pair in pairs(rows)] == [outputs[0], outputs[2]]
    (problem,) = problems(rows)
    assert (problem.number, "3,000 bytes" in problem.message) == (2, True)


def test_a_long_list_of_words_makes_no_row_long(monkeypatch):
    monkeypatch.setattr(arrow_pairs, "MAX_DECODED_BYTES", 100_000)
    monkeypatch.setattr(arrow_pairs, "MAX_ROW_BYTES", 1_000)
    words = pa.array([f"word {n}" for n in range(9000)]).dictionary_encode()
    table = pa.table({"instruction": words, "output": words})

    assert [pair[0] for pair in pairs(read(ipc(table)))] == words.to_pylist()


def test_it_is_the_same_as_json():
    rows = [{**GOOD, "id": 7, "note": "x"}, {**GOOD, "id": None, "note": None}]
    table = pa.Table.from_pylist(rows)

    assert read(parquet(table)) == read(json.dumps(rows).encode(), "a.json")
