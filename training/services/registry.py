"""Coaches and which of them is active: registered, promoted, rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from training.models import (
    ActiveCoach,
    CoachVersion,
    Evaluation,
    Promotion,
    TrainingRun,
)

if TYPE_CHECKING:
    from revision_engine.types import CoachRef


class NotPromotable(ValueError):
    """The coach cannot become the active one; the message says why."""


@transaction.atomic
def register(
    *, scope: str, ref: CoachRef, name: str = "", run: TrainingRun | None = None
) -> CoachVersion:
    """Give an adapter its number in the scope; the same run gets the same coach."""
    _lock(scope)
    if run and (known := CoachVersion.objects.filter(run=run).first()):
        return known
    newest = CoachVersion.objects.filter(scope=scope).aggregate(Max("number"))
    number = (newest["number__max"] or 0) + 1
    return CoachVersion.objects.create(
        scope=scope,
        number=number,
        name=name or f"coach {number}",
        run=run,
        base_model=ref.base_model,
        base_revision=ref.base_revision,
        adapter=ref.adapter,
        adapter_sha256=ref.adapter_sha256,
        prompt=ref.prompt,
        wording=ref.wording,
    )


@transaction.atomic
def promote(*, coach: CoachVersion, actor: Any, reason: str = "") -> Promotion:
    """Make a coach the active one of its scope; an earlier one is a roll back."""
    _lock(coach.scope)
    active = ActiveCoach.objects.filter(scope=coach.scope).first()
    if active and active.coach_id == coach.pk:
        raise NotPromotable(f"{coach} is the active coach already.")
    if coach.run and coach.run.state != TrainingRun.State.READY:
        raise NotPromotable(f"The run of {coach} is {coach.run.get_state_display()}.")
    ActiveCoach.objects.update_or_create(scope=coach.scope, defaults={"coach": coach})
    return Promotion.objects.create(
        scope=coach.scope,
        coach=coach,
        previous=active.coach if active else None,
        evaluation=Evaluation.objects.filter(coach=coach).order_by("pk").last(),
        actor=actor,
        reason=reason,
    )


def _lock(scope: str) -> None:
    """Let one transaction at a time number or promote coaches of a scope."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [scope])
