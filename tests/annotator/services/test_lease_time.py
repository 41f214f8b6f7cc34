"""A hold keeps the active time of its holder, whatever became of the pair."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Lease, Tick
from annotator.selectors import times
from annotator.services import giving_back, queueing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    """Held for ten minutes: two of work, then a break, then a minute of work."""
    project = factories.make_drafted(1, control_share=1.0, idle_seconds=90)
    person = factories.make_member(project, Role.ANNOTATOR)
    held = factories.claim(project, person)
    opened = timezone.now() - timedelta(minutes=10)
    Lease.objects.filter(pk=held.pk).update(opened_at=opened)
    for second, active in ((60, True), (120, True), (300, False), (540, True)):
        tick = Tick.objects.create(lease=held, active=active)
        Tick.objects.filter(pk=tick.pk).update(at=opened + timedelta(seconds=second))
    return Lease.objects.select_related("pair__project").get(pk=held.pk)


def test_a_pair_given_back_keeps_its_time(lease):
    giving_back.give_back(token=lease.token, person=lease.holder, stage=Stage.REVIEW)

    lease.refresh_from_db()

    assert lease.active_seconds == pytest.approx(180, abs=1)


def test_the_limit_of_then_stays(lease):
    queueing.end(lease)
    lease.pair.project.idle_seconds = 15

    assert times.of_lease(lease).active == pytest.approx(180, abs=1)
    assert times.of_lease(lease).wall == pytest.approx(600, abs=1)


def test_the_migration_counts_older_leases_alike(lease):
    queueing.end(lease)
    counted = lease.active_seconds
    Lease.objects.update(active_seconds=None)

    fill = import_module("annotator.migrations.0010b_fill_lease_time").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)

    lease.refresh_from_db()
    assert lease.active_seconds == pytest.approx(counted, abs=0.001)


def test_the_migration_leaves_running_leases_alone(lease):
    fill = import_module("annotator.migrations.0010b_fill_lease_time").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)

    lease.refresh_from_db()
    assert lease.active_seconds is None
