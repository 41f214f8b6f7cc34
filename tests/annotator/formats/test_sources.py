"""A command reads files, folders, and datasets of the Hub."""

from __future__ import annotations

import json
import pathlib
import sys
from types import SimpleNamespace

import pyarrow as pa
import pytest

from annotator.formats.reading import read_pairs
from annotator.formats.rows import UnreadableFile
from annotator.formats.sources import open_source
from tests.annotator.formats.reads import GOOD, pairs, remarks

NAMES = ["Name a hill.", "Name a lake."]
TABLE = pa.Table.from_pylist([{**GOOD, "instruction": name} for name in NAMES])


def read(source: object) -> list:
    with open_source(str(source)) as (file, name):
        return list(read_pairs(file, name=name))


def save(folder, table: pa.Table = TABLE) -> None:
    """As `datasets` saves a split."""
    folder.mkdir(parents=True)
    with pa.ipc.new_stream(
        str(folder / "data-00000-of-00001.arrow"), table.schema
    ) as to:
        to.write_table(table)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")


def names(rows) -> list[str]:
    return [pair[0] for pair in pairs(rows)]


def test_a_file_is_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([GOOD]))

    assert names(read(tmp_path / "a.json")) == ["Name a hill."]


def test_a_saved_folder_is_read_without_what_is_hidden_or_no_data(tmp_path):
    save(tmp_path / "set")
    (tmp_path / "set" / ".cache").mkdir()
    (tmp_path / "set" / ".cache" / "a.arrow").write_bytes(b"x")
    (tmp_path / "set" / "README.md").write_text("---\n")

    rows = read(tmp_path / "set")

    assert names(rows) == NAMES
    assert remarks(rows) == ["The file was a dataset that `datasets` had saved."]


def test_a_folder_of_splits_is_read_and_so_is_one_of_them(tmp_path):
    save(tmp_path / "set" / "train")
    save(tmp_path / "set" / "test")
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')

    whole, one = read(tmp_path / "set"), read(tmp_path / "set" / "test")

    assert names(whole) == NAMES * 2
    assert "one after the other: train, test." in remarks(whole)[1]
    assert names(one) == NAMES


def test_a_folder_without_data_says_so(tmp_path):
    (tmp_path / "a.md").write_text("x")

    with pytest.raises(UnreadableFile, match="no file that is read"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")


def test_a_dataset_of_the_hub_is_read_where_datasets_is_installed(monkeypatch):
    asked = []

    def load_dataset(name, split):
        asked.append((name, split))
        return SimpleNamespace(save_to_disk=lambda to: save(pathlib.Path(to)))

    monkeypatch.setitem(
        sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset)
    )

    assert names(read("hub:owner/name:train")) == NAMES
    assert names(read("hub:owner/name")) == NAMES
    assert asked == [("owner/name", "train"), ("owner/name", None)]


def test_a_hub_that_cannot_be_reached_is_told_in_a_sentence(monkeypatch):
    def load_dataset(name, split):
        raise ConnectionError("Couldn't reach the Hub\n  at length")

    monkeypatch.setitem(
        sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset)
    )
    with pytest.raises(
        UnreadableFile, match=r"had from the Hub \(Couldn't reach the Hub\)"
    ):
        read("hub:owner/name")

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UnreadableFile, match="needs the package datasets"):
        read("hub:owner/name")
