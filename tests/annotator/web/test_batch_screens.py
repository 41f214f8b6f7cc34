"""An import's page: what did not go in can be had back, what came beside is named,
and revisions of pairs that are here wait for a decision."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import OfferedRevision, Review
from annotator.services import accounting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def lead(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def revised(count: int):
    return [
        row | {"Revised Instruction": "Say it.", "Revised Response": f"Better {n}."}
        for n, row in enumerate(factories.rows(count))
    ]


def page(client, batch) -> str:
    return client.get(reverse("batch", args=["demo", batch.pk])).content.decode()


def test_rejected_rows_are_a_file_with_what_is_wrong(lead, project):
    bad = {"instruction": "", "response": "=1+1, 是"}
    batch = factories.import_rows(project, [*factories.rows(1), bad])

    answer = lead.get(reverse("batch-rejects", args=["demo", batch.pk]))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = answer.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["row"] == "2"
    assert "instruction" in row["what is wrong"]
    assert "=1+1, 是" in row["source"]


def test_rejected_rows_can_be_had_to_the_letter(lead, project):
    batch = factories.import_rows(project, factories.rows(1))
    batch.rejects.create(row=2, message="wrong", source="=1+1,\u2028,x")

    answer = lead.get(reverse("batch-rejects-json", args=["demo", batch.pk]))

    (line,) = answer.getvalue().decode().splitlines()
    assert json.loads(line)["source"] == "=1+1,\u2028,x"


def test_columns_and_remarks_are_on_the_page(lead, project):
    rows = [row | {"forest <b>": "x", "id": [1]} for row in factories.rows(2)]

    shown = page(lead, factories.import_rows(project, rows))

    assert "forest &lt;b&gt;" in shown
    assert "2 rows" in shown
    assert "&#x27;id&#x27; is a list" in shown


def test_the_page_says_how_many_bad_rows_are_kept(lead, project, monkeypatch):
    monkeypatch.setattr(accounting, "KEPT", 2)

    shown = page(lead, factories.import_rows(project, [{}, {}, {}, *revised(1)]))

    assert "the first 2 of 3 are kept" in shown


def test_a_plain_import_has_none_of_it(lead, project):
    shown = page(lead, factories.import_rows(project, factories.rows(2)))

    for part in ("revisions-title", "columns-title", "remarks-title", 'id="rejects"'):
        assert part not in shown


def test_revisions_wait_on_the_page_until_a_lead_decides(lead, project):
    factories.import_rows(project, factories.rows(3))
    batch = factories.import_rows(project, revised(3))
    first, second, _ = OfferedRevision.objects.order_by("pk")
    address = reverse("batch-revisions", args=["demo", batch.pk])
    assert "3 revisions wait for a decision" in page(lead, batch)

    lead.post(address, {"way": "take", "offer": first.pk})
    lead.post(address, {"way": "leave", "offer": second.pk})
    shown = page(lead, batch)
    lead.post(address, {"way": "take"})

    assert "1 revision waits for a decision" in shown
    assert Review.objects.count() == 2
    assert "2 taken as an accepted review" in page(lead, batch)
    assert "Better 1" not in page(lead, batch)


@pytest.mark.parametrize("sent", [{}, {"way": "burn"}, {"way": "take", "offer": "x"}])
def test_a_decision_that_says_nothing_is_refused(lead, project, sent):
    factories.import_rows(project, factories.rows(1))
    batch = factories.import_rows(project, revised(1))

    answer = lead.post(reverse("batch-revisions", args=["demo", batch.pk]), sent)

    assert answer.status_code == 422
    assert batch.offers.waiting().count() == 1


def test_the_list_of_imports_says_where_revisions_wait(lead, project):
    factories.import_rows(project, factories.rows(2))
    factories.import_rows(project, revised(2))

    shown = lead.get(reverse("batches", args=["demo"])).content.decode()

    assert "2 revisions wait" in shown


def test_an_excluded_pair_is_listed_and_brought_back(lead, project):
    rows = [{"instruction": "???", "input": "", "response": "A <b>cat</b>."}]
    batch = factories.import_rows(project, rows)
    (pair,) = batch.pairs.all()
    overrule = reverse("pair-overrule", args=["demo", pair.pk])

    shown = page(lead, batch)
    lead.post(overrule)

    pair.refresh_from_db()
    assert "Excluded pairs of this batch" in shown
    assert f'action="{overrule}"' in shown
    assert 'name="csrfmiddlewaretoken"' in shown[shown.index(overrule) :][:300]
    assert '<td class="text">???</td>' in shown
    assert pair.state != PairState.EXCLUDED
    assert overrule not in page(lead, batch)


def test_others_may_not_decide(client, project):
    factories.import_rows(project, factories.rows(1))
    batch = factories.import_rows(project, revised(1))
    client.force_login(factories.make_member(project, Role.REVIEWER))

    address = reverse("batch-revisions", args=["demo", batch.pk])

    assert client.post(address, {"way": "take"}).status_code == 403
    assert batch.offers.waiting().count() == 1
