"""One table of the files that people bring: what is imported, told or refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

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


def one(**more: Any) -> str:
    return json.dumps({**PAIR, **more})


REFUSED: dict[str, Any] = {"status": 422}
KINDS = {
    "01 gzip": Kind(gzip.compress(LINES.encode()), imported=2, says="unpacked"),
    "01 zip": Kind(zipped(), "a.csv", says="zip archive: unpack it", **REFUSED),
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
        says="'system' is kept",
        columns={"system": 1},
    ),
    "04 history": Kind(one(history=[["a", "b"]]), rejected=1, says="earlier turns"),
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
        json.dumps({**PAIR, "output": "泥炭藓是一种苔藓。"}, ensure_ascii=False).encode(
            "gb18030"
        ),
        says="save it as UTF-8",
        **REFUSED,
    ),
    "24 UTF-16": Kind(LINES.encode("utf-16"), says="save it as UTF-8", **REFUSED),
    "29 Parquet": Kind(b"PAR1\x15\0" + bytes(99), says="Parquet", **REFUSED),
    "29 nothing": Kind("[]", "a.json", says="no rows", **REFUSED),
    "30 capitals": Kind(CSV.title(), "a.csv", imported=1),
    "30 both": Kind("instruction,output,response\nName.,,A.\n", "a.csv", imported=1),
    "30 chat": Kind(
        '{"messages": [{"role": "user", "content": "a"}]}',
        says="chat format of OpenAI",
        **REFUSED,
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
