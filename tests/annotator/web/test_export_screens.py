"""The export page: ask, count beforehand, watch, fetch, for leads alone."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.models import Export
from annotator.services import exporting
from annotator.services.tallies import folding
from tests import exported_pairs, factories
from tests.exported_pairs import written

pytestmark = pytest.mark.django_db
PAGE = "/p/demo/export/"
State = Export.State
USUAL = {
    "shape": "alpaca",
    "file": "jsonl",
    "rejected": "draft",
    "beside": "all",
    "state": "accepted",
}
"""What the form holds when nothing is chosen."""


@pytest.fixture
def made(client):
    project, lead = exported_pairs.make()
    folding.fold(project)  # the form offers the categories that were counted
    client.force_login(lead)
    return project, lead


def test_an_export_is_asked_for_written_and_fetched(client, made):
    answer = client.post(
        PAGE, USUAL | {"shape": "revisions", "file": "jsonl", "person": "anna"}
    )
    export = Export.objects.get()
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert "waiting to be written" in client.get(PAGE).text

    exporting.write(export.pk)

    page = client.get(PAGE).text
    assert f"{PAGE}{export.pk}/file/" in page
    file = client.get(f"{PAGE}{export.pk}/file/")
    content = b"".join(file.streaming_content)
    export.refresh_from_db()
    assert content == exporting.file_of(export).read_bytes()
    assert file["Content-Disposition"] == f'attachment; filename="{export.name}"'
    assert content.count(b"\n") == 3
    manifest = client.get(f"{PAGE}{export.pk}/manifest.json").json()
    assert manifest["files"][0]["sha256"] == export.sha256
    assert manifest["asked"]["person"] == "anna"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "<strong>5</strong> pairs go"),
        ({"shape": "alpaca", "file": "csv", "category": "nature"}, "1</strong> pair "),
        ({"shape": "audit", "file": "jsonl", "state": "all"}, "8</strong> pairs"),
        ({"state": "all"}, "Only an export of"),
        (
            {
                "shape": "alpaca",
                "file": "jsonl",
                "since": "2026-03-02",
                "until": "2026-03-01",
            },
            "The first day is after",
        ),
        ({"shape": "poem", "file": "jsonl"}, "cannot be used"),
    ],
)
def test_the_count_is_told_before_anything_starts(client, made, asked, said):
    answer = client.get(f"{PAGE}count/", USUAL | asked)

    assert said in answer.text
    assert not Export.objects.exists()


def test_a_form_that_makes_no_sense_comes_back_with_what_was_chosen(client, made):
    answer = client.post(
        PAGE, USUAL | {"shape": "dpo", "file": "csv", "state": "excluded"}
    )

    assert answer.status_code == 422
    assert "Only an export of everything" in answer.text
    assert 'value="dpo" checked' in answer.text
    assert "<details open>" in answer.text
    assert not Export.objects.exists()


def test_compression_is_left_out_where_a_file_has_its_own(client, made):
    client.post(PAGE, USUAL | {"shape": "alpaca", "file": "parquet", "gzip": "on"})

    assert Export.objects.get().order.gzip is False


def test_the_list_asks_again_while_something_is_written(client, made):
    client.post(PAGE, USUAL)
    htmx = {"HX-Request": "true", "HX-Target": "exports"}

    before = client.get(PAGE, headers=htmx).text
    exporting.write(Export.objects.get().pk)
    after = client.get(PAGE, headers=htmx).text

    assert "every 1s" in before
    assert "every 1s" not in after
    assert "<h1>" not in before
    assert "written" in after


def test_it_is_cancelled_and_written_anew_from_the_page(client, made):
    client.post(PAGE, USUAL)
    export = Export.objects.get()

    client.post(f"{PAGE}{export.pk}/cancel/")
    export.refresh_from_db()
    assert export.state == State.CANCELLED
    assert client.get(f"{PAGE}{export.pk}/file/").status_code == 422

    client.post(f"{PAGE}{export.pk}/retry/")
    exporting.write(export.pk)
    export.refresh_from_db()
    assert export.state == State.DONE
    assert client.post(f"{PAGE}{export.pk}/retry/").status_code == 422


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=3-999999", slice(3, None)),
    ],
)
def test_a_download_is_taken_up_where_it_broke_off(client, made, asked, part):
    export, path = written(*made)
    whole = path.read_bytes()

    answer = client.get(f"{PAGE}{export.pk}/file/", headers={"Range": asked})

    found = b"".join(answer.streaming_content)
    assert (answer.status_code, found) == (206, whole[part])
    assert answer["Content-Length"] == str(len(found))
    start = whole.index(found) if part.start >= 0 else len(whole) + part.start
    told = f"bytes {start}-{start + len(found) - 1}/{len(whole)}"
    assert answer["Content-Range"] == told


def test_another_file_or_no_such_range_is_not_gone_on_with(client, made):
    export, path = written(*made)
    address = f"{PAGE}{export.pk}/file/"

    other = client.get(address, headers={"Range": "bytes=5-", "If-Range": '"old"'})
    beyond = client.get(address, headers={"Range": "bytes=9999999-"})
    odd = client.get(address, headers={"Range": "lines=1-2"})

    assert other.status_code == odd.status_code == 200
    assert b"".join(other.streaming_content) == path.read_bytes()
    b"".join(odd.streaming_content)
    assert beyond.status_code == 416


def test_only_leads_see_and_fetch_it(client, made):
    export, _ = written(*made)
    client.force_login(factories.User.objects.get(username="rosa"))

    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}{export.pk}/file/").status_code == 403
    assert client.get(f"{PAGE}{export.pk}/manifest.json").status_code == 403
    assert client.post(f"{PAGE}{export.pk}/cancel/").status_code == 403
    other = factories.make_project(slug="other")
    client.force_login(factories.make_member(other, Role.LEAD, "leo"))
    assert client.get(f"/p/other/export/{export.pk}/file/").status_code == 404
