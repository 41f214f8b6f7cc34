"""One table of the files that people bring: what is imported, told or refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db

PAIR = {"instruction": "Name a moss.", "input": "", "output": "Peat moss."}
OTHER = {"instruction": "Name a fern.", "input": "", "output": "Bracken."}
LINES = f"{json.dumps(PAIR)}\n{json.dumps(OTHER)}\n"
CSV = "instruction,input,output\nName a moss.,,Peat moss.\n"


@dataclass(frozen=True)
class Kind:
    """A file, and what is to become of it."""

    content: str | bytes
    name: str = "a.jsonl"
    imported: int = 0
    rejected: int = 0
    says: str = ""
    """In a remark, a reject or the refusal."""
    columns: dict[str, int] = field(default_factory=dict)
    status: int = 201


def zipped() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.jsonl", LINES)
    return whole.getvalue()


def parquet() -> bytes:
    whole = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([PAIR]), whole)
    return whole.getvalue()


def one(**more: Any) -> str:
    return json.dumps({**PAIR, **more})


def one_of(instruction: str, output: str) -> str:
    row = {"instruction": instruction, "output": output}
    return json.dumps(row, ensure_ascii=False)


REFUSED: dict[str, Any] = {"status": 422}
KINDS = {
    "01 gzip": Kind(gzip.compress(LINES.encode()), imported=2, says="unpacked"),
    "01 zip": Kind(zipped(), "a.csv", imported=2, says="was a zip archive"),
    "02 list as lines": Kind(f"[\n{json.dumps(PAIR)}\n]", imported=1),
    "02 lines as list": Kind(LINES, "a.json", imported=2),
    "02 pretty objects": Kind(json.dumps(PAIR, indent=3) * 2, imported=1),
    "02 wrapped": Kind(json.dumps({"v": 1, "rows": [PAIR]}), imported=1, says="'v'"),
    "03 NaN": Kind(one(input=float("nan"), category=float("nan")), imported=1),
    "03 NaN as text": Kind(one(output="NaN"), imported=1),
    "03 broken id": Kind(one(id=[3]), imported=1, says="'id' is a list"),
    "04 context": Kind(one(context="In bogs."), imported=1),
    "04 system": Kind(
        one(system="Be brief."),
        imported=1,
    ),
    "04 history": Kind(one(history=[["a", "b"]]), imported=1),
    "04 no history": Kind(
        f"{one(history='as told')}\n{one()}",
        imported=1,
        rejected=1,
        says="earlier turns",
    ),
    "05 columns": Kind(
        one(lang="en", tags=["a"]), imported=1, columns={"lang": 1, "tags": 1}
    ),
    "07 blanks": Kind('instruction, output\n"Name a moss.", "Peat."', "a.csv", 1),
    "08 semicolons": Kind(CSV.replace(",", ";"), "a.csv", imported=1),
    "08 tabs": Kind(CSV.replace(",", "\t"), "a.tsv", imported=1),
    "08 sep": Kind("sep=|\n" + CSV.replace(",", "|"), "a.csv", imported=1),
    "21 joined": Kind(f"\ufeff{CSV}\ufeff{CSV}", "a.csv", 1, says="repeats the header"),
    "23 spark": Kind(CSV + '"Say \\"moss\\".",,"M."\n', "a.csv", 1, 1, "Spark"),
    "23 stray": Kind(CSV + '"Say.,,M.\n' + "a,,b\n" * 9, "a.csv", 1, 1, "10 lines"),
    "24 GB18030": Kind(
        one_of("用一句话介绍一下苔藓。", "苔藓是一种没有花的小植物。").encode(
            "gb18030"
        ),
        imported=1,
        says="was in GB18030",
    ),
    "24 too few signs": Kind(
        one_of("Name a moss.", "泥炭藓沼泽").encode("gb18030"),
        says="name its",
        **REFUSED,
    ),
    "24 Big5": Kind(
        one_of("介紹一下苔蘚。", "苔蘚是一種沒有花的小植物。").encode("big5"),
        says="save it as UTF-8",
        **REFUSED,
    ),
    "24 UTF-16": Kind(LINES.encode("utf-16"), imported=2, says="was in UTF-16"),
    "29 Parquet": Kind(b"PAR1\x15\0" + bytes(99), says="Parquet", **REFUSED),
    "29 true Parquet": Kind(parquet(), imported=1),
    "29 nothing": Kind("[]", "a.json", says="no rows", **REFUSED),
    "30 capitals": Kind(CSV.title(), "a.csv", imported=1),
    "30 both": Kind("instruction,output,response\nName.,,A.\n", "a.csv", imported=1),
    "30 chat": Kind(
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "content": "b"},
                ]
            }
        ),
        imported=1,
    ),
    "30 chat without answer": Kind(
        '{"messages": [{"role": "user", "content": "a"}]}',
        rejected=1,
        says="has no answer",
    ),
    "30 answers": Kind(one(output=["a", "b"]), says="list of 2", **REFUSED),
    "39 separators": Kind(
        json.dumps({**PAIR, "output": "a\u2028b\x85c"}, ensure_ascii=False), imported=1
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_file_gets_its_answer(client, kind):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.LEAD))
    content = kind.content if isinstance(kind.content, bytes) else kind.content.encode()
    file = SimpleUploadedFile(kind.name, content)

    answer = client.post("/api/projects/demo/batches/", {"file": file})

    told = answer.json()
    assert answer.status_code == kind.status
    assert kind.says in json.dumps(told)
    if kind.status == 201:
        counts = (told["imported"], told["rejected"], told["extra_columns"])
        assert counts == (kind.imported, kind.rejected, kind.columns)
    else:
        assert not project.batches.exists()
