"""What other packages and screens ask about coaches and runs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from training.models import (
    ActiveCoach,
    CoachVersion,
    Evaluation,
    Promotion,
    SnapshotItem,
    TrainingRun,
)


def active_coach(scope: str) -> CoachVersion | None:
    """The coach that drafts for a scope now; None before the first promotion."""
    active = ActiveCoach.objects.select_related("coach").filter(scope=scope).first()
    return active.coach if active else None


def coaches(scope: str) -> QuerySet[CoachVersion]:
    """A scope's coaches, newest first."""
    return (
        CoachVersion.objects.filter(scope=scope)
        .select_related("run")
        .order_by("-number")
    )


def runs(scope: str) -> QuerySet[TrainingRun]:
    """A scope's runs, newest first."""
    return (
        TrainingRun.objects.filter(scope=scope)
        .select_related("snapshot", "created_by", "coach")
        .order_by("-pk")
    )


def promotions(scope: str) -> QuerySet[Promotion]:
    """The promotion log, newest first."""
    return Promotion.objects.filter(scope=scope).select_related(
        "coach", "previous", "actor", "evaluation"
    )


def latest_evaluation(coach: CoachVersion) -> Evaluation | None:
    """The newest evaluation of a coach with its figures."""
    return coach.evaluations.prefetch_related("figures").order_by("pk").last()


def trained_on(
    coach: CoachVersion, fingerprints: Iterable[str]
) -> dict[str, SnapshotItem]:
    """Those of the pairs that a coach was trained on, by fingerprint."""
    if coach.run is None:
        return {}
    items = SnapshotItem.objects.filter(
        snapshot=coach.run.snapshot,
        role=SnapshotItem.Role.TRAIN,
        fingerprint__in=list(fingerprints),
    )
    return {item.fingerprint: item for item in items}
