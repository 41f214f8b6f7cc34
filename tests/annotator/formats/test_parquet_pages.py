"""A Parquet file takes no more memory than is said, whatever its writer chose."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotator.formats import arrow_pairs, parquet_pages
from annotator.formats.parquet_pages import header_of, rows_at_once
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile


def written(columns, **more) -> io.BytesIO:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **more)
    sink.seek(0)
    return sink


def at_once(file: io.BytesIO) -> int:
    own = io.BytesIO(file.getvalue())
    table = pq.ParquetFile(own)
    return rows_at_once(own, table.metadata, name="a.parquet", most=500)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("packed", ["none", "snappy", "zstd", "gzip"])
@pytest.mark.parametrize("has_words", [True, False])
def test_usual_files_are_read_as_before(version, packed, has_words):
    texts = [f"Nenne {n}: {'x' * (n % 900)}" for n in range(5_000)]
    file = written(
        {"instruction": texts, "output": texts, "n": list(range(5_000)),
         "tags": [["a", "b"]] * 5_000},
        data_page_version=version, compression=packed, use_dictionary=has_words,
        row_group_size=1_500, data_page_size=20_000, write_page_index=True,
    )  # fmt: skip

    assert (at_once(file) < 500) == has_words
    rows = list(read_pairs(file, name="a.parquet"))
    assert [row.instruction for row in rows] == texts


def test_a_page_that_is_too_large_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 1_000_000)
    long = "x" * 15_000
    columns = {"instruction": ["a"] * 400, "output": [f"{n}{long}" for n in range(400)]}
    file = written(
        columns, data_page_size=10_000_000, use_dictionary=False, compression="zstd"
    )

    with pytest.raises(UnreadableFile, match=r"column 'output'; 1,000,000 .* smaller"):
        read_pairs(file, name="a.parquet")


def test_one_long_word_in_many_rows_is_taken_row_by_row(monkeypatch):
    monkeypatch.setattr(parquet_pages, "MAX_BATCH_BYTES", 1_000_000)
    word = "x" * 300_000
    columns = {"instruction": ["a"] * 300, "output": [word] * 300}
    file = written(columns, compression="zstd")
    assert len(file.getvalue()) < 1_000_000
    before = pa.total_allocated_bytes()
    highest = 0

    with pytest.MonkeyPatch.context() as patch:
        real = arrow_pairs._check

        def check(batch):
            nonlocal highest
            highest = max(highest, pa.total_allocated_bytes() - before)
            real(batch)

        patch.setattr(arrow_pairs, "_check", check)
        rows = list(read_pairs(file, name="a.parquet"))

    assert len(rows) == 300
    assert all(isinstance(row, RowProblem) for row in rows)
    assert highest < 5_000_000  # 90 MB at once, without it


def test_values_that_take_over_the_one_before_count_as_long_as_a_page(monkeypatch):
    monkeypatch.setattr(parquet_pages, "MAX_BATCH_BYTES", 2_000_000)
    texts = ["y" * 15_000 + str(n) for n in range(300)]
    file = written(
        {"instruction": texts, "output": texts},
        use_dictionary=False,
        column_encoding={"instruction": "DELTA_BYTE_ARRAY", "output": "PLAIN"},
    )

    assert 1 <= at_once(file) < 300
    rows = list(read_pairs(file, name="a.parquet"))
    assert [row.response for row in rows if isinstance(row, PairRow)] == texts


@pytest.mark.parametrize(
    "cut", [b"", b"\0", b"\x15", b"\xff" * 80, b"\x18\xff\xff\x03"]
)
def test_what_is_no_header_is_refused(cut):
    with pytest.raises((ValueError, IndexError)):
        header_of(cut)
