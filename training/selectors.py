"""What other packages and screens ask about coaches and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from revision_engine.types import PairText
from training.manifest import NAME, PRINT_CHARS, BadManifest, Manifest, unchecked
from training.models import (
    ActiveCoach,
    Challenge,
    CoachVersion,
    Evaluation,
    Promotion,
    SnapshotItem,
    TrainingRun,
)

SHAPE = ("rank", "lora_alpha", "targets")


def active_coach(scope: str) -> CoachVersion | None:
    """The coach that drafts for a scope now; None before the first promotion."""
    active = ActiveCoach.objects.select_related("coach").filter(scope=scope).first()
    return active.coach if active else None


def is_frozen(source_id: str) -> bool:
    """Whether some snapshot holds this example of the upper package."""
    return SnapshotItem.objects.filter(source_id=source_id).exists()


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
        .select_related("snapshot", "created_by", "coach", "parent")
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
    """Those of the pairs that a coach was trained on, by fingerprint.

    What the coaches that it goes on from had learned counts; the newest text stands.
    """
    items = SnapshotItem.objects.filter(
        snapshot__in=snapshots_behind(coach),
        role=SnapshotItem.Role.TRAIN,
        fingerprint__in=list(fingerprints),
    )
    return {item.fingerprint: item for item in items.order_by("snapshot_id")}


def line_of(coach: CoachVersion) -> list[CoachVersion]:
    """The coach and those that it goes on from, the nearest first."""
    found = [coach]
    while coach.run and coach.run.parent:
        coach = coach.run.parent
        found.append(coach)
    return found


def snapshots_behind(coach: CoachVersion) -> list[int]:
    """Primary keys: of its own snapshot, and of those of its ancestors."""
    return [one.run.snapshot_id for one in line_of(coach) if one.run]


def knowledge(
    coach: CoachVersion,
) -> Callable[[Sequence[str]], dict[str, PairText | None]]:
    """Tells which of some fingerprints a coach was trained on, with the expert's text.

    Of a coach that came without its run (the shipped one), and of one that goes on from
    it, only the papers beside the adapter tell, and no text is at hand: None. Without
    papers nothing is known.
    """
    folder = Path(settings.COACH_STORE) / coach.adapter
    prints: set[str] = set()
    root = line_of(coach)[-1]
    if root.run is None and (folder / NAME).exists():
        prints = set(Manifest.read(folder).trained_on)

    def known(fingerprints: Sequence[str]) -> dict[str, PairText | None]:
        texts = {k: row.revised for k, row in trained_on(coach, fingerprints).items()}
        named = {key: None for key in fingerprints if key[:PRINT_CHARS] in prints}
        return {**named, **texts}

    return known


def imported_coach(scope: str) -> CoachVersion | None:
    """The newest coach that was not trained here, such as the shipped one."""
    return coaches(scope).filter(run=None).first()


def shape(coach: CoachVersion) -> dict[str, Any]:
    """The settings that nobody can change who goes on from this coach.

    Empty if it came without papers that can be read: then the recipe finds out, from
    the adapter itself.
    """
    config = coach.run.config if coach.run else _told_config(coach)
    return {name: config[name] for name in SHAPE if name in config}


def _told_config(coach: CoachVersion) -> dict[str, Any]:
    """By its papers, unchecked: a page must not fail for a damaged adapter."""
    try:
        config = unchecked(Path(settings.COACH_STORE) / coach.adapter).get("config")
    except BadManifest:
        return {}
    return config if isinstance(config, dict) else {}


def open_challenge(scope: str) -> Challenge | None:
    """The challenge of a scope that is going on now."""
    return challenges(scope).filter(outcome="").first()


def challenges(scope: str) -> QuerySet[Challenge]:
    """A scope's challenges, newest first."""
    return Challenge.objects.filter(scope=scope).select_related(
        "champion", "challenger", "started_by", "ended_by"
    )


def generations(scope: str) -> list[Promotion]:
    """The first promotion of each coach that has ever drafted, in that order."""
    first: dict[int, Promotion] = {}
    for promotion in promotions(scope).order_by("pk"):
        first.setdefault(promotion.coach_id, promotion)
    return list(first.values())
