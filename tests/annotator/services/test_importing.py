"""Good rows go in, bad rows are named, nothing goes in twice."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Batch, Pair
from annotator.services import handing_out, importing
from tests import factories

pytestmark = pytest.mark.django_db


def test_good_rows_go_in_and_bad_rows_keep_their_number():
    project = factories.make_project()
    lines = [
        json.dumps({"instruction": "Say hello.", "output": "Hello."}),
        "{broken",
        json.dumps({"instruction": "", "output": "x"}),
    ]
    file = io.BytesIO("\n".join(lines).encode())

    batch = importing.import_pairs(
        project=project, actor=None, file=file, name="a.jsonl"
    )

    assert (batch.rows, batch.imported, batch.rejected) == (3, 1, 2)
    assert list(batch.rejects.values_list("row", flat=True)) == [2, 3]


def test_the_same_file_again_changes_nothing():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(3))

    again = factories.import_rows(project, factories.rows(4))

    assert (again.imported, again.duplicates) == (1, 3)
    assert Pair.objects.count() == 4


def test_a_revised_side_becomes_an_accepted_review():
    project = factories.make_project()

    factories.import_rows(project, factories.rows(2, revised=True))

    assert factories.states(project) == [PairState.ACCEPTED] * 2


def test_an_unreadable_file_leaves_no_batch():
    project = factories.make_project()

    with pytest.raises(ValueError, match="holds no rows"):
        importing.import_pairs(
            project=project,
            actor=None,
            file=io.BytesIO("[]".encode("utf-16")),
            name="a.json",
        )

    assert not Batch.objects.exists()


def test_what_is_exported_says_where_it_came_from():
    project = factories.make_project()
    leo = factories.make_member(project, Role.LEAD)
    factories.import_rows(project, factories.rows(1, revised=True))

    (row,) = handing_out.accepted_rows(project=project, actor=leo)

    assert row["output"].startswith("The word number 0 means much.")
    assert row["provenance"]["imported_revision"] is True
    manifest = handing_out.manifest(project=project, actor=leo)
    assert manifest["pairs_exported"] == 1


def test_the_command_tells_what_it_kept_and_what_waits(tmp_path, capsys):
    project = factories.make_project()
    factories.import_rows(project, factories.rows(1))
    (row,) = factories.rows(1, revised=True)
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**row, "source": "forest", "id": [1]}) + "\n{}\n")

    call_command("import_pairs", "demo", path)

    said = capsys.readouterr()
    assert "0 pairs imported, 1 known already, 1 rows rejected of 2" in said.out
    assert "row 2: there is no 'instruction'" in said.err
    assert "row 1: 'id' is a list" in said.err
    assert "not shown: source" in said.err
    assert "1 revisions came for pairs" in said.err
