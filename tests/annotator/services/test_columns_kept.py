"""What a file says beside its pairs is named, kept, and goes out again."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from annotator.domain.roles import Role
from annotator.formats import prepared
from annotator.models import Pair
from annotator.services import accounting, handing_out, importing, rewriting
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db

BESIDE = {
    "id": 7,
    "category": "nature",
    "source": "forest",
    "tags": ["b", {"z": 1, "a": 1.50}],
    "odd": "a\0b\ud800",
    "provenance": {"from": "elsewhere"},
}


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def leo(project):
    return factories.make_member(project, Role.LEAD)


def rows(count: int = 1, **beside: Any) -> list[dict[str, Any]]:
    return [row | beside for row in factories.rows(count, revised=True)]


def exported(project, leo) -> list[dict[str, Any]]:
    lines = handing_out.jsonl(project=project, actor=leo)
    return [json.loads(line) for line in lines]


def test_columns_go_out_as_they_came(project, leo):
    factories.import_rows(project, rows(**BESIDE))

    (row,) = exported(project, leo)

    assert {
        name: row[name] for name in ("id", "category", "source", "tags", "odd")
    } == {name: BESIDE[name] for name in ("id", "category", "source", "tags", "odd")}
    assert list(row["tags"][1]) == ["z", "a"]
    assert row["extra"] == {"provenance": {"from": "elsewhere"}}
    assert row["provenance"]["pair"] == Pair.objects.get().pk


def test_an_id_that_the_file_had_not_is_not_made_up(project, leo):
    factories.import_rows(project, rows())

    (row,) = exported(project, leo)

    assert row["id"] is None
    assert row["category"] is None


@pytest.mark.parametrize("given", [7, "7"])
def test_an_id_keeps_its_type(project, leo, given):
    factories.import_rows(project, rows(id=given))

    assert exported(project, leo)[0]["id"] == given
    assert Pair.objects.get().external_id == "7"


def test_an_export_that_is_imported_again_loses_nothing(project, leo):
    factories.import_rows(project, rows(**BESIDE))
    (first,) = exported(project, leo)
    other = factories.make_project(slug="other")
    again = [first | {"Revised Instruction": "I", "Revised Response": "R"}]

    factories.import_rows(other, again)

    factories.Membership.objects.create(project=other, user=leo, role=Role.LEAD)
    (second,) = exported(other, leo)
    same = ("id", "category", "source", "tags", "odd")
    assert {name: second[name] for name in same} == {name: first[name] for name in same}
    assert second["extra"]["provenance"] == first["provenance"]
    assert second["extra"]["extra"] == first["extra"]


def test_columns_that_are_not_read_are_named_and_counted(project):
    given = [*rows(2, source="forest", lang=""), factories.rows(3)[2] | {"lang": "en"}]

    batch = factories.import_rows(project, given)

    assert batch.extra_columns == {"source": 2, "lang": 1}


def test_what_is_odd_about_rows_and_file_is_told(project):
    file = io.BytesIO(b"sep=;\ninstruction;output\na;b\ninstruction;output\nc;d\n")

    batch = importing.import_pairs(project=project, actor=None, file=file, name="a.csv")
    other = factories.import_rows(project, rows(id=["x"]))

    assert batch.remarked == 1
    assert "repeats the header" in str(batch.remarks.get())
    assert str(other.remarks.get()).startswith("row 1: 'id' is a list")


def test_of_very_many_bad_rows_the_first_are_kept_and_all_are_counted(
    project, monkeypatch
):
    monkeypatch.setattr(accounting, "KEPT", 7)
    bad = [{"instruction": "", "output": "x"}] * 1200

    batch = factories.import_rows(project, [*bad, *rows(id=["x"])])

    assert (batch.rows, batch.rejected) == (1201, 1200)
    assert [reject.row for reject in batch.rejects.all()] == list(range(1, 8))


def test_very_many_columns_are_all_kept_and_the_first_are_named(project, monkeypatch):
    monkeypatch.setattr(prepared, "NAMED", 3)
    given = rows(**{f"c{n}": n for n in range(9)})

    batch = factories.import_rows(project, given)

    assert list(batch.extra_columns) == ["c0", "c1", "c2"]
    assert "other columns" in str(batch.remarks.get())
    assert len(Pair.objects.get().extra) == 9


@pytest.mark.parametrize("way", ["batch", "rows", "file"])
def test_columns_travel_through_a_rewrite(project, leo, way):
    factories.make_coach(project)
    given = rows(**BESIDE)
    batch = factories.import_rows(project, given)
    datasets = {
        "batch": lambda: rewriting.rows_of_batch(batch),
        "rows": lambda: rewriting.rows_of_objects(given),
        "file": lambda: rewriting.rows_of_file(
            io.BytesIO(json.dumps(given).encode()), "a.json"
        ),
    }
    coach = rewriting.coach_for(project)
    rewrite = rewriting.start(
        project=project, actor=leo, coach=coach, name="x", rows=datasets[way]()
    )
    (asked,) = rewriting.take(rewrite.pk).requests
    rewriting.store(
        rewrite_id=rewrite.pk,
        results=[DraftResult(key=asked.key, text=asked.text)],
    )

    (row,) = rewriting.export_rows(rewrite=rewrite, actor=leo)

    assert row["output"] == "It is the word 0."
    assert (row["id"], row["category"], row["tags"]) == (7, "nature", BESIDE["tags"])
    assert row["extra"] == {"provenance": {"from": "elsewhere"}}
    assert ("Revised Response" in row) == (way != "batch")


def test_what_is_odd_about_a_dataset_is_told_with_its_rewrite(project, leo):
    factories.make_coach(project)
    document = {"version": 2, "data": rows(system=["You are a clerk."])}
    file = io.BytesIO(json.dumps(document).encode())

    rewrite = rewriting.start(
        project=project,
        actor=leo,
        coach=rewriting.coach_for(project),
        name="x",
        rows=rewriting.rows_of_file(file, "a.json"),
    )

    rewrite.refresh_from_db()
    assert "'version'" in rewrite.remarks[0]
    assert rewrite.remarks[1].startswith("row 1: 'system' is kept")
