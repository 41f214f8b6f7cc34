"""Benchmarks that fill tables by SQL know the columns that these have."""

from __future__ import annotations

import pytest

from annotator.models import AuditEvent, Draft, Fix, Pair, Review
from benchmarks import dashboard, exporting

# Each cleans up after itself, which no transaction may do.
pytestmark = pytest.mark.django_db(transaction=True)


def test_exports_have_pairs_to_write():
    project = exporting.fill(40)

    exporting.write(project, "alpaca.jsonl")

    assert Pair.objects.filter(project=project, state="accepted").count() == 40
    assert (Review.objects.count(), Draft.objects.count()) == (40, 20)
    assert Fix.objects.count() == 4
    assert project.exports.get().rows == 40


def test_the_dashboard_has_a_year_of_work():
    project = dashboard.make_project()

    dashboard.fill(project, 200)

    assert Pair.objects.filter(project=project).count() == 200
    assert Review.objects.count() == 200
    assert AuditEvent.objects.count() > 1_000
