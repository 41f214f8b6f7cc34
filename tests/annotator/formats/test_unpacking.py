"""What is packed is unpacked by its first bytes, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma

import pytest
import zstandard

from annotator.formats import unpacking
from annotator.formats.reading import UnreadableFile, read_pairs
from tests.annotator.formats.reads import GOOD, pairs, problems, read, remarks

NAMES = [f"Name hill {n}." for n in range(300)]
LINES = "".join(json.dumps({**GOOD, "instruction": name}) + "\n" for name in NAMES)
PACK = {
    "gzip": (gzip.compress, "gz"),
    "bzip2": (bz2.compress, "bz2"),
    "xz": (lzma.compress, "xz"),
    "zstd": (zstandard.ZstdCompressor(write_checksum=True).compress, "zst"),
}
packings = pytest.mark.parametrize("packing", list(PACK))


def packed(packing: str, content: bytes = LINES.encode()) -> bytes:
    return PACK[packing][0](content)


@packings
@pytest.mark.parametrize("name", ["a.jsonl.{}", "a.jsonl", "a.{}", "whatever.json"])
def test_a_packed_file_is_unpacked_by_its_first_bytes(packing, name):
    rows = read(packed(packing), name.format(PACK[packing][1]))

    assert [pair[0] for pair in pairs(rows)] == NAMES
    assert f"compressed with {packing}, and was unpacked" in remarks(rows)[0]


@packings
def test_packed_files_that_were_joined_are_one(packing):
    cut = len(LINES) // 2
    parts = [LINES[:cut].encode(), b"", LINES[cut:].encode()]

    rows = read(b"".join(packed(packing, part) for part in parts), "a.jsonl")

    assert [pair[0] for pair in pairs(rows)] == NAMES


@packings
@pytest.mark.parametrize("cut", [12, 60, -1, -4])
def test_a_packed_file_that_breaks_off_is_refused_as_a_whole(packing, cut):
    with pytest.raises(UnreadableFile, match=f"{packing} and broken"):
        read(packed(packing)[:cut], "a.jsonl")


@packings
def test_a_wrong_byte_in_a_packed_file_is_found(packing):
    content = bytearray(packed(packing))
    content[len(content) // 2] ^= 0xFF

    with pytest.raises(UnreadableFile, match=f"{packing} and broken"):
        read(bytes(content), "a.jsonl")


@packings
def test_what_follows_a_packed_file_is_not_passed_over(packing):
    with pytest.raises(UnreadableFile, match="something else follows"):
        read(packed(packing) + b"and more", "a.jsonl")


@packings
def test_zeros_behind_a_packed_file_are_padding(packing):
    assert len(pairs(read(packed(packing) + bytes(5000), "a.jsonl"))) == len(NAMES)


@packings
def test_a_small_file_that_would_be_huge_is_not_unpacked(packing, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", 50_000)

    with pytest.raises(UnreadableFile, match="more than 50,000 bytes"):
        read(packed(packing, b" " * 5_000_000 + LINES.encode()), "a.jsonl")


@packings
def test_a_bomb_is_known_by_its_ratio(packing, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNMEASURED", 1_000_000)

    with pytest.raises(UnreadableFile, match="300 times its size"):
        read(packed(packing, b" " * 9_000_000 + LINES.encode()), "a.jsonl")


def test_all_layers_share_one_bound(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", len(LINES) + 100)

    with pytest.raises(UnreadableFile, match="bytes when unpacked"):
        read(packed("gzip", packed("xz")), "a.jsonl.xz.gz")


def test_a_file_that_is_packed_again_and_again_is_refused():
    content = LINES.encode()
    for _ in range(5):
        content = gzip.compress(content)

    with pytest.raises(UnreadableFile, match="packed too many times"):
        read(content, "a.jsonl")


def test_a_window_that_would_take_all_memory_is_refused():
    far = zstandard.ZstdCompressionParameters(window_log=30, compression_level=1)
    writer = zstandard.ZstdCompressor(compression_params=far).compressobj()
    content = writer.compress(LINES.encode() * 50) + writer.flush()

    with pytest.raises(UnreadableFile, match="zstd and broken"):
        read(content, "a.jsonl.zst")


def test_the_share_is_that_of_what_was_unpacked():
    stream = read_pairs(io.BytesIO(packed("gzip", LINES.encode() * 300)), name="a.gz")

    next(stream)
    begun = stream.share
    assert not problems(list(stream))

    assert begun < 0.5
    assert stream.share == 1
