"""Take all that a scope ever had away: runs, coaches, snapshots, and their files."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from training.models import (
    ActiveCoach,
    Challenge,
    CoachVersion,
    CrossFittedDraft,
    Evaluation,
    EvaluationFigure,
    EvaluationSample,
    HelpEstimate,
    Promotion,
    RunPoint,
    Snapshot,
    SnapshotItem,
    SnapshotPreference,
    TrainingRun,
)
from training.services import runs


def stop_runs(scope: str) -> bool:
    """Ask what runs to stop; whether none runs any more."""
    mine = TrainingRun.objects.filter(scope=scope)
    for run in mine.filter(
        Q(state=TrainingRun.State.QUEUED) | Q(state__in=TrainingRun.ACTIVE)
    ):
        runs.cancel(run=run)
    return not mine.active().exists()


def forget(scope: str) -> None:
    """Delete rows and files; nothing outside may point to the scope's coaches.

    An adapter that another scope's coach has, too, stays in the store.
    """
    mine = TrainingRun.objects.filter(scope=scope)
    folders = [runs.folder_of(run) for run in mine]
    coaches = CoachVersion.objects.filter(scope=scope)
    adapters = set(coaches.values_list("adapter", flat=True))
    with transaction.atomic():
        _delete_rows(scope)
        kept = CoachVersion.objects.filter(adapter__in=adapters)
        adapters -= set(kept.values_list("adapter", flat=True))
    folders += [Path(settings.COACH_STORE) / name for name in adapters if name]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _delete_rows(scope: str) -> None:
    TrainingRun.objects.filter(scope=scope).update(parent=None)
    for table, way in (
        (EvaluationFigure, "evaluation__coach__scope"),
        (EvaluationSample, "evaluation__coach__scope"),
        (Promotion, "scope"),
        (ActiveCoach, "scope"),
        (Challenge, "scope"),
        (Evaluation, "coach__scope"),
        (HelpEstimate, "coach__scope"),
        (CoachVersion, "scope"),
        (CrossFittedDraft, "run__scope"),
        (RunPoint, "run__scope"),
        (TrainingRun, "scope"),
        (SnapshotPreference, "item__snapshot__scope"),
        (SnapshotItem, "snapshot__scope"),
        (Snapshot, "scope"),
    ):
        rows = table._default_manager.filter(**{way: scope})
        rows._raw_delete(rows.db)
