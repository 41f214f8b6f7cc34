"""What goes out comes in again: each shape in each file, as far as it is read here.

Which files imports read is asked of the importer with a plain sample: a round trip is
tested from the day on which its kind of file is read.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from annotator.formats import csv_pairs
from annotator.formats.exports.orders import ExportFile, ExportShape
from annotator.formats.exports.shapes import SHAPES
from annotator.formats.reading import UnreadableFile, read_pairs
from annotator.formats.rows import FileRemark, PairRow
from annotator.services import exporting
from tests import exported_pairs
from tests.exported_pairs import reviews, written

pytestmark = pytest.mark.django_db
PAIRS = (
    ExportShape.ALPACA,
    ExportShape.PROMPT_COMPLETION,
    ExportShape.REVISIONS,
    ExportShape.MESSAGES,
    ExportShape.SHAREGPT,
)
"""Shapes that hold whole pairs."""
CHATS = (ExportShape.MESSAGES, ExportShape.SHAREGPT)


@pytest.fixture
def made():
    return exported_pairs.make()


def cells(path, file: str) -> list[dict[str, Any]]:
    """A file's rows by another reader than ours; nested cells decoded."""
    if file == "hub":
        with zipfile.ZipFile(path) as folder:
            shard = io.BytesIO(folder.read("data/train-00000.parquet"))
        return pq.read_table(shard).to_pylist()
    if file == "parquet":
        return pq.read_table(path).to_pylist()
    text = path.read_text("utf-8-sig")
    if file == "json":
        return json.loads(text)
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("file", ["json", "parquet", "hub"])
def test_each_file_holds_the_rows_of_the_json_lines(made, shape, file):
    project, lead = made
    asked = {"shape": shape.value, "rejected": "raw"}
    lines = cells(written(project, lead, **asked)[1], "jsonl")

    found = cells(written(project, lead, **asked, file=file)[1], file)

    assert lines
    assert [plain(row) for row in found] == [plain(row) for row in lines]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is null; Parquet has nested values of no fixed shape as JSON."""
    return {
        name: json.loads(value) if isinstance(value, str) and is_json(value) else value
        for name, value in row.items()
        if value is not None
    }


def is_json(value: str) -> bool:
    return value[:1] in ("{", "[") or value.startswith('"a\\u0000')


def test_a_csv_holds_the_same_texts_cell_by_cell(made):
    project, lead = made
    lines = cells(written(project, lead)[1], "jsonl")
    _, path = written(project, lead, file="csv")

    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))

    for row, line in zip(found, lines, strict=True):
        for name in ("instruction", "input", "output"):
            assert row[name] == line[name]
        assert json.loads(row["provenance"]) == line["provenance"]
    assert [row["id"] for row in found] == ["", "", "", "7", ""]
    assert json.loads(found[3]["odd"]) == exported_pairs.ODD["odd"]
    assert json.loads(found[3]["tags"]) == exported_pairs.ODD["tags"]


SAMPLES: dict[ExportShape, dict[str, Any]] = {
    ExportShape.ALPACA: {"instruction": "a", "input": "", "output": "b"},
    ExportShape.PROMPT_COMPLETION: {"prompt": "a", "completion": "b"},
    ExportShape.REVISIONS: {
        "Raw Instruction": "a",
        "Raw Input": "",
        "Raw Response": "b",
        "Revised Instruction": "a",
        "Revised Input": "",
        "Revised Response": "c",
    },
    ExportShape.MESSAGES: {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
        ]
    },
    ExportShape.SHAREGPT: {
        "conversations": [
            {"from": "human", "value": "a"},
            {"from": "gpt", "value": "b"},
        ]
    },
}


def sample(shape: ExportShape, file: ExportFile) -> bytes:
    """A file of one plain row, not written by the exports."""
    row = SAMPLES[shape]
    match file:
        case ExportFile.CSV:
            cells = {
                k: v if isinstance(v, str) else json.dumps(v) for k, v in row.items()
            }
            return "".join(csv_pairs.write([cells])).encode()
        case ExportFile.JSON | ExportFile.JSONL:
            text = json.dumps(row)
            return (f"[{text}]" if file == ExportFile.JSON else text).encode()
    table = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), table)
    if file == ExportFile.PARQUET:
        return table.getvalue()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        folder.writestr("data/train-00000.parquet", table.getvalue())
        folder.writestr("README.md", "# A card")
        folder.writestr("manifest.json", "{}")
    return packed.getvalue()


def is_read(shape: ExportShape, file: ExportFile) -> bool:
    """Whether imports read such a file by now."""
    ending = "zip" if file == ExportFile.HUB else file.value
    try:
        found = list(read_pairs(io.BytesIO(sample(shape, file)), name=f"a.{ending}"))
    except UnreadableFile:
        return False
    return any(isinstance(row, PairRow) for row in found)


def read_again(path, name: str) -> list[PairRow]:
    with path.open("rb") as file:
        found = list(read_pairs(file, name=name))
    rows = [row for row in found if not isinstance(row, FileRemark)]
    assert all(isinstance(row, PairRow) for row in rows), rows
    return rows


@pytest.mark.parametrize("shape", PAIRS)
@pytest.mark.parametrize("file", list(ExportFile))
def test_what_goes_out_comes_in_again(made, shape, file):
    if not is_read(shape, file):
        pytest.skip(f"imports do not read {shape} in {file} yet")
    project, lead = made
    project.pairs.update(context=[])  # earlier turns: see the next test
    asked = {"beside": "columns"} if shape != ExportShape.REVISIONS else {}
    export, path = written(project, lead, shape=shape, file=file, **asked)

    found = read_again(path, export.name)

    wanted = reviews(project)
    assert len(found) == len(wanted) == 5
    for row, review in zip(found, wanted, strict=True):
        final = review.outcome
        if shape == ExportShape.REVISIONS:
            assert (row.text, row.revised) == (review.pair.text, final)
        elif shape == ExportShape.ALPACA:
            assert row.text == final
        else:
            joined = final.instruction + (f"\n\n{final.input}" if final.input else "")
            assert (row.instruction, row.input, row.response) == (
                joined,
                "",
                final.response,
            )
    assert found[3].external_id == "7"
    assert found[3].category == "nature"
    assert found[3].extra["source"] == "forest"


@pytest.mark.parametrize("shape", CHATS)
def test_earlier_turns_come_in_again(made, shape):
    if not is_read(shape, ExportFile.JSONL):
        pytest.skip("imports do not read chats yet")
    project, lead = made
    export, path = written(project, lead, shape=shape)

    found = read_again(path, export.name)

    assert [list(row.context) for row in found] == [
        review.pair.context for review in reviews(project)
    ]


def test_a_hub_folder_has_a_card_a_manifest_and_shards(made):
    project, lead = made
    export, path = written(project, lead, file="hub")

    with zipfile.ZipFile(path) as folder:
        names = folder.namelist()
        card = folder.read("README.md").decode()
        manifest = json.loads(folder.read("manifest.json"))

    assert names == ["data/train-00000.parquet", "README.md", "manifest.json"]
    head = yaml.safe_load(card.split("---")[1])
    assert head["configs"][0]["data_files"][0]["path"] == "data/train-*.parquet"
    assert head["language"] == ["en"]
    assert head["license"] == "unknown"
    assert "5 rows from 5 pairs" in card
    assert "first coach" in card
    assert manifest["files"][0]["rows"] == 5
    assert exporting.file_of(export).suffix == ".zip"
