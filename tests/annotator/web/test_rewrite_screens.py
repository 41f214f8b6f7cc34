"""The dataset page: start, watch, hold, export; leads and admins alone."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import Rewrite
from annotator.services import rewriting
from tests import factories
from tests.annotator.services.test_rewriting import answers, begin, work

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


@pytest.fixture
def lead(client, project):
    lead = factories.make_member(project, Role.LEAD)
    client.force_login(lead)
    return lead


def upload(rows):
    return SimpleUploadedFile("mine.json", json.dumps(rows).encode())


def test_a_file_becomes_a_rewrite(client, lead):
    given = {"file": upload(factories.rows(3))}

    page = client.post("/p/demo/rewrites/", given, follow=True).content.decode()

    assert Rewrite.objects.get().rows.count() == 3
    assert "mine.json" in page
    assert "0 <span" in page
    assert 'hx-trigger="every 2s"' in page


def test_the_list_says_how_far_each_is(client, project, lead):
    rewrite = begin(project, lead, name="<five>.json")

    page = client.get("/p/demo/rewrites/").content.decode()

    link = f'<a href="/p/demo/rewrites/{rewrite.pk}/">&lt;five&gt;.json</a>'
    assert link in page
    assert f"· {lead}" in page
    assert '<span class="state training">' in page
    assert '<td class="number">0</td><td class="number">5</td>' in page
    assert "<td>first coach</td>" in page


def test_a_batch_becomes_a_rewrite(client, project, lead):
    batch = factories.import_rows(project, factories.rows(2))

    client.post("/p/demo/rewrites/", {"batch": batch.pk})

    assert Rewrite.objects.get().name == batch.name


def test_one_dataset_is_to_be_chosen(client, lead):
    answer = client.post("/p/demo/rewrites/", {})

    assert answer.status_code == 422
    assert "Choose a batch or a file." in answer.content.decode()


def test_bad_rows_are_named(client, lead):
    given = {"file": upload([{"instruction": "alone"}])}

    answer = client.post("/p/demo/rewrites/", given, headers=HTMX)

    assert answer.status_code == 422
    assert "row 1" in answer.content.decode()


def test_it_is_paused_resumed_and_cancelled(client, project, lead):
    rewrite = begin(project, lead)
    states = []

    for step in ("pause", "resume", "cancel", "resume"):
        answer = client.post(f"/p/demo/rewrites/{rewrite.pk}/{step}/")
        rewrite.refresh_from_db()
        states.append(rewrite.state)

    assert states == ["paused", "running", "cancelled", "cancelled"]
    assert answer.status_code == 409


def test_the_live_part_stops_asking_when_all_is_done(client, project, lead):
    rewrite = begin(project, lead)
    address = f"/p/demo/rewrites/{rewrite.pk}/"
    before = client.get(address, headers=HTMX).content.decode()

    work(rewrite)
    after = client.get(address, headers=HTMX).content.decode()

    assert "<html" not in before
    assert "every 2s" in before
    assert "every 2s" not in after


def test_a_partial_export_says_so_on_the_page_and_in_its_name(
    client, project, lead, settings
):
    settings.DRAFT_BATCH_SIZE = 2
    rewrite = begin(project, lead, count=3)
    message = rewriting.take(rewrite.pk)
    rewriting.store(rewrite_id=rewrite.pk, results=answers(message))

    page = client.get(f"/p/demo/rewrites/{rewrite.pk}/").content.decode()
    export = client.get(f"/p/demo/rewrites/{rewrite.pk}/export/")

    assert "1 row is not done yet" in page
    assert ".1-rows-missing.jsonl" in export["Content-Disposition"]
    assert len(list(export.streaming_content)) == 2


@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_the_export_is_read_again_by_the_importer(client, project, lead, ending):
    rewrite = begin(project, lead)
    work(rewrite)

    answer = client.get(f"/p/demo/rewrites/{rewrite.pk}/export/?as={ending}")
    text = b"".join(answer.streaming_content).decode()

    rows = json.loads(text) if ending == "json" else map(json.loads, text.splitlines())
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5]
    assert answer["Content-Disposition"].endswith(f'.{ending}"')


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_other_roles_are_refused(client, project, lead, role):
    rewrite = begin(project, lead)
    client.force_login(factories.make_member(project, role))
    address = f"/p/demo/rewrites/{rewrite.pk}/"

    answers = [client.get(address), client.get(f"{address}export/")]
    answers += [client.post(f"{address}{s}/") for s in ("pause", "resume", "cancel")]

    assert {answer.status_code for answer in answers} == {403}
    assert "/rewrites/" not in client.get("/p/demo/").content.decode()
