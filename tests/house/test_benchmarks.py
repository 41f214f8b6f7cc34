"""Benchmarks that fill tables by SQL know the columns that these have."""

from __future__ import annotations

import json

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


@pytest.mark.model
def test_a_device_without_a_gpu_is_checked_and_timed(monkeypatch, tmp_path):
    from benchmarks import device

    monkeypatch.setattr(device, "SIZES", {"tiny": device.TINY})
    monkeypatch.setattr(device.hf, "device", lambda: "cpu")
    monkeypatch.setattr(device, "bandwidth", lambda _: 1e9)
    monkeypatch.setattr(device, "NEW", 8)
    monkeypatch.setattr(device, "PROMPT", 12)
    out = tmp_path / "found.json"
    monkeypatch.setattr("sys.argv", ["device", "--sizes", "tiny", "--out", str(out)])

    device.main()

    found = json.loads(out.read_text())
    assert {each["same"] for each in found["same"].values()} == {16}
    assert len(found["same"]) == 4
    drafted = found["drafting"]["tiny"]
    assert drafted["bound_tokens_per_second"] == pytest.approx(
        32 * drafted["bound_steps_per_second"], rel=0.01
    )
    assert found["training"]["tiny"]["packed"]["tokens"] == 2528
