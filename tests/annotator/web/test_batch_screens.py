"""An import's page: the rows that did not go in can be had back, and mended."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def test_rejected_rows_are_a_file_with_what_is_wrong(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.LEAD))
    bad = {"instruction": "", "response": "=1+1, 是"}
    batch = factories.import_rows(project, [*factories.rows(1), bad])

    answer = client.get(reverse("batch-rejects", args=["demo", batch.pk]))

    (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert row["row"] == "2"
    assert "instruction" in row["what is wrong"]
    assert "=1+1, 是" in row["source"]
