"""A file of other columns is asked about, looked at, tried, and then imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import Batch, Pair, RememberedMapping
from tests import factories

pytestmark = pytest.mark.django_db

CSV = (
    "frage_nr;query;reply;thema\n"
    "1;Name a <b>hill</b>.;Ben Nevis.;hills\n"
    "2;Name a lake.;;lakes\n"
    "3;Name a <b>hill</b>.;Ben Nevis.;hills\n"
)
CHOSEN = {"instruction": "query", "response": "reply", "category": "thema"}


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def lead(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def send(client, content=CSV, name="a.csv", **more):
    file = SimpleUploadedFile(name, content.encode())
    return client.post(reverse("batches", args=["demo"]), {"file": file, **more})


def address(name="batch-mapping"):
    return reverse(name, args=["demo", Batch.objects.latest("pk").pk])


def test_a_file_of_unknown_columns_leads_to_the_mapping(lead):
    answer = send(lead)

    assert answer.url == address()
    page = lead.get(answer.url).content.decode()
    assert "Name a &lt;b&gt;hill&lt;/b&gt;." in page
    assert '<option value="query" selected>' in page
    assert '<option value="reply" selected>' in page
    assert "&#x27;reply&#x27; is empty" in page
    assert not Pair.objects.exists()


def test_the_preview_follows_what_is_chosen_and_stores_nothing(lead):
    send(lead)

    swapped = {"instruction": "reply", "response": "query"}
    page = lead.post(
        address("batch-mapping-preview"), swapped, headers={"HX-Request": "true"}
    ).content.decode()

    assert page.index("Ben Nevis.") < page.index("hill")
    assert "<html" not in page
    assert not Pair.objects.exists()


def test_a_preview_without_a_response_says_what_lacks(lead):
    send(lead)

    page = lead.post(
        address("batch-mapping-preview"),
        {"instruction": "query"},
        headers={"HX-Request": "true"},
    )

    assert "which column is the response" in page.content.decode()


def test_a_try_counts_the_whole_file_and_stores_nothing(lead):
    send(lead)

    answer = lead.post(address(), {**CHOSEN, "action": "try"}, follow=True)

    report = Batch.objects.get().report
    assert (report["rows"], report["fresh"], report["duplicates_in_file"]) == (3, 1, 1)
    assert report["rejects"][0]["row"] == 2
    assert "What an import would do" in answer.content.decode()
    assert not Pair.objects.exists()


def test_what_was_chosen_is_imported_and_its_other_columns_kept(lead):
    send(lead)
    lead.post(address(), {**CHOSEN, "action": "try"})

    answer = lead.post(address(), {**CHOSEN, "action": "import"})

    batch, pair = Batch.objects.get(), Pair.objects.get()
    assert answer.url == reverse("batch", args=["demo", batch.pk])
    assert (batch.imported, batch.duplicates, batch.rejected) == (1, 1, 1)
    assert (pair.response, pair.category) == ("Ben Nevis.", "hills")
    assert pair.extra == {"frage_nr": "1"}


def test_the_next_file_with_these_columns_is_offered_the_same(lead, project):
    send(lead)
    lead.post(address(), {**CHOSEN, "instruction": "thema", "action": "import"})

    send(lead, CSV.replace("lake", "loch"))

    page = lead.get(address()).content.decode()
    assert '<option value="thema" selected>' in page
    assert "as you said for an earlier file" in page
    assert RememberedMapping.objects.get().project == project


def test_one_instruction_for_all_rows(lead):
    send(lead, "input,output\nHaus,house\n")

    lead.post(
        address(),
        {
            "constant_instruction": "Translate.",
            "input": "input",
            "response": "output",
            "action": "import",
        },
    )

    pair = Pair.objects.get()
    assert (pair.instruction, pair.input) == ("Translate.", "Haus")


def test_an_impossible_choice_is_refused_with_its_reason(lead):
    send(lead)

    answer = lead.post(address(), {"instruction": "query", "action": "import"})

    assert answer.status_code == 422
    assert "which column is the response" in answer.content.decode()
    assert Batch.objects.get().state == "asking"


def test_a_file_of_known_columns_is_asked_about_on_demand(lead):
    send(lead, "instruction,output\na,b\n", asks_first="on")

    page = lead.get(address()).content.decode()

    assert '<option value="instruction" selected>' in page
    assert not Pair.objects.exists()


def test_cancelled_its_file_is_gone(lead, settings):
    send(lead)
    assert list(Path(settings.UPLOADS).iterdir())

    lead.post(address("batch-cancel"))

    assert not list(Path(settings.UPLOADS).iterdir())
    assert Batch.objects.get().state == "cancelled"
    assert lead.get(address()).url == address("batch")


def test_a_large_file_is_tried_by_the_worker(lead, settings):
    settings.READ_AT_ONCE_BYTES = 10
    send(lead, asks_first="on")

    answer = lead.post(address(), {**CHOSEN, "action": "try"})

    batch = Batch.objects.get()
    assert answer.url == address("batch")
    assert (batch.state, batch.is_dry) == ("waiting", True)


def test_rejects_are_mended_and_come_in(lead):
    rows = [{"instruction": "Name a lake.", "output": "", "id": 7}]
    send(lead, json.dumps([*rows, *factories.rows(1)]), "a.json")
    listed = lead.get(
        reverse("batch-rejects-json", args=["demo", Batch.objects.get().pk])
    )
    mended = (
        listed.getvalue()
        .decode()
        .replace('\\"output\\": \\"\\"', '\\"output\\": \\"Ness.\\"')
    )

    send(lead, mended, "rejects.jsonl")

    pair = Pair.objects.latest("pk")
    assert (pair.response, pair.external_id) == ("Ness.", "7")


def test_rejects_of_mapped_columns_are_mended_and_mapped_again(lead):
    send(lead)
    lead.post(address(), {**CHOSEN, "action": "import"})
    listed = lead.get(address("batch-rejects-json")).getvalue().decode()

    send(
        lead,
        listed.replace('\\"reply\\": \\"\\"', '\\"reply\\": \\"Ness.\\"'),
        "r.jsonl",
    )
    lead.post(address(), {**CHOSEN, "action": "import"})

    assert Pair.objects.latest("pk").response == "Ness."
