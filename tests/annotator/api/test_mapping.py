"""Which column is what, told and tried by programs: API and command line."""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotator.domain.roles import Role
from annotator.models import Batch, Pair
from annotator.services import importing
from tests import factories

pytestmark = pytest.mark.django_db
HOME = "/api/projects/demo/batches/"
CSV = "query,reply\nName a hill.,Ben Nevis.\nName a lake.,\n"
MAPPING = {"instruction": "query", "response": "reply"}


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def lead(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def send(client, content=CSV, **more):
    file = SimpleUploadedFile("a.csv", content.encode())
    return client.post(HOME, {"file": file, **more})


def settle(client, pk, **told):
    address = f"{HOME}{pk}/mapping/"
    return client.post(address, json.dumps(told), content_type="application/json")


def test_a_file_is_read_by_the_mapping_that_comes_with_it(lead):
    answer = send(lead, mapping=json.dumps(MAPPING))

    told = answer.json()
    assert answer.status_code == 201
    assert (told["imported"], told["rejected"], told["mapping"]) == (1, 1, MAPPING)
    assert Pair.objects.get().response == "Ben Nevis."


def test_unknown_columns_are_refused_with_what_to_do(lead):
    answer = send(lead)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_columns")
    assert "give a mapping" in answer.json()["detail"]
    assert not Batch.objects.exists()


def test_a_file_of_unknown_columns_may_wait_for_word(lead):
    asked = send(lead, asks="true").json()

    assert asked["progress"]["state"] == "asking"
    assert settle(lead, asked["id"], mapping=MAPPING).json()["imported"] == 1


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("{", "not valid JSON"),
        ('{"instruction": "query"}', "which column is the response"),
        ('{"instruction": "x", "response": "reply"}', "there is no 'x' among"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(lead, mapping, says):
    answer = send(lead, mapping=mapping)

    assert answer.status_code in (400, 409, 422)
    assert says in answer.json()["detail"]
    assert not Batch.objects.exists()


def test_a_dry_run_reports_and_can_then_be_read(lead):
    tried = send(lead, mapping=json.dumps(MAPPING), dry_run="true").json()

    assert tried["report"]["fresh"] == tried["report"]["rejected"] == 1
    assert tried["progress"]["state"] == "asking"
    assert not Pair.objects.exists()
    read = settle(lead, tried["id"], mapping=MAPPING).json()
    assert (read["imported"], read["progress"]["state"]) == (1, "done")


def test_a_dry_run_counts_what_is_here_and_what_has_another_text(lead):
    rows = "id,instruction,output\n7,a,b\n8,c,d\n"
    send(lead, rows)

    tried = send(lead, "id,instruction,output\n7,a,b\n8,c,new\n9,c,new\n", dry_run="1")

    report = tried.json()["report"]
    assert (report["duplicates_here"], report["duplicates_in_file"]) == (1, 1)
    assert (report["fresh"], report["same_id"]) == (1, 1)
    assert Pair.objects.count() == 2


def test_what_a_batch_asks_can_be_seen(lead):
    tried = send(lead, mapping=json.dumps(MAPPING), dry_run="1").json()

    told = lead.get(f"{HOME}{tried['id']}/mapping/").json()

    assert told["columns"] == ["query", "reply"]
    assert told["rows"][0] == {"query": "Name a hill.", "reply": "Ben Nevis."}
    assert told["mapping"] == MAPPING


def test_nothing_asks_twice(lead):
    pk = send(lead, mapping=json.dumps(MAPPING)).json()["id"]

    assert settle(lead, pk, mapping=MAPPING).status_code in (400, 409, 422)
    assert Pair.objects.count() == 1


def test_a_large_file_of_unknown_columns_asks_once_it_is_read(lead, settings):
    settings.READ_AT_ONCE_BYTES = 10
    pk = send(lead).json()["id"]
    importing.read(pk)

    asked = lead.get(f"{HOME}{pk}/").json()
    assert asked["progress"]["state"] == "asking"
    assert "'query', 'reply'" in asked["problem"]
    assert settle(lead, pk, mapping=MAPPING).status_code == 202
    importing.read(pk)
    assert Pair.objects.get().response == "Ben Nevis."


def command(tmp_path, *options, content=CSV):
    path = tmp_path / "a.csv"
    path.write_text(content)
    (tmp_path / "m.json").write_text(json.dumps(MAPPING))
    out = io.StringIO()
    call_command("import_pairs", "demo", path, *options, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_tries_a_file_and_stores_nothing(project, tmp_path):
    told = command(tmp_path, "--mapping", tmp_path / "m.json", "--dry-run")

    assert "1 pairs would be imported" in told
    assert "row 2: 'reply' is empty" in told
    assert not Batch.objects.exists()


def test_the_command_reads_a_file_by_a_mapping(project, tmp_path):
    told = command(tmp_path, "--mapping", tmp_path / "m.json")

    assert "1 pairs imported" in told
    assert Pair.objects.count() == 1


@pytest.mark.parametrize("at_once", [10, 10_000_000])
def test_the_command_says_what_to_do_about_unknown_columns(
    project, tmp_path, settings, at_once
):
    settings.READ_AT_ONCE_BYTES = at_once

    with pytest.raises(CommandError, match="--mapping FILE"):
        command(tmp_path)
    assert not Batch.objects.exists()
