"""A coach goes on from the one before, and answers for all that both were taught."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as product

from annotator.domain.roles import Role
from annotator.selectors import lineage
from annotator.services import snapshotting
from tests import factories, world
from training.manifest import Manifest
from training.models import RunPoint, SnapshotItem, TrainingRun
from training.selectors import knowledge, shape, trained_on
from training.services import launching, registry

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(settings, tmp_path):
    world.prepare(settings, tmp_path)
    return factories.make_project(takes_over="wait")


def trained(project, ada, **asked) -> TrainingRun:
    plan = snapshotting.plan_for(project, selection="all", epochs=2, **asked)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)
    launching.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    return run


def held_out_losses(run: TrainingRun) -> list[float]:
    found = run.points.filter(kind=RunPoint.Kind.HELD_OUT).order_by("step")
    return list(found.values_list("loss", flat=True))


def test_the_second_generation_begins_where_the_first_ended(project):
    ada = factories.make_member(project, Role.ADMIN)
    factories.import_rows(project, factories.rows(30, revised=True))
    first = trained(project, ada, rank=2, lora_alpha=4, start="base")
    registry.promote(coach=first.coach, actor=ada, reason="to go on from")
    second = trained(project, ada, start="active")
    coach = second.coach

    assert first.parent is None
    assert second.parent == first.coach
    assert shape(coach) == {"rank": 2, "lora_alpha": 4, "targets": "all-linear"}
    assert held_out_losses(second)[0] == pytest.approx(
        min(held_out_losses(first)[1:]), rel=0.02
    )
    assert held_out_losses(first)[0] > min(held_out_losses(first))
    prints = set(
        SnapshotItem.objects.filter(role=SnapshotItem.Role.TRAIN).values_list(
            "fingerprint", flat=True
        )
    )
    assert set(trained_on(coach, prints)) == set(knowledge(coach)(list(prints)))
    assert set(trained_on(coach, prints)) == prints
    papers = Manifest.read(Path(product.COACH_STORE) / coach.adapter)
    assert set(papers.trained_on) == {key[:16] for key in prints}
    assert lineage.of_coach(coach).trained == len(prints)
    assert {row.snapshot for row in lineage.lessons(coach)} == {
        first.snapshot.sha256,
        second.snapshot.sha256,
    }
