"""What other packages and screens ask about coaches and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from revision_engine.types import PairText
from training.evaluation.helpfulness import Estimate
from training.installation import Installation, read
from training.manifest import NAME, PRINT_CHARS, BadManifest, Manifest, unchecked
from training.models import (
    ActiveCoach,
    Challenge,
    CoachVersion,
    Evaluation,
    HelpEstimate,
    Promotion,
    SnapshotItem,
    TrainingRun,
)

SHAPE = ("rank", "lora_alpha", "targets")


def installation() -> Installation | None:
    """How far the running `./coachlm up` is with what training needs; None where it
    had it all from the start, or where none runs in this folder."""
    return read(Path(settings.TRAINING_INSTALLATION))


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


def first_wanted_run() -> TrainingRun | None:
    """The run that works, else the first that waits, of any scope: other long work on
    the machine makes way for it."""
    wanted = [TrainingRun.State.QUEUED, *TrainingRun.ACTIVE]
    return TrainingRun.objects.filter(state__in=wanted).order_by("pk").first()


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


def help_estimate(coach: CoachVersion) -> HelpEstimate | None:
    """The newest of a coach; None: nothing is known of which drafts help."""
    return HelpEstimate.objects.filter(coach=coach).order_by("pk").last()


def trusted_estimate(coach: CoachVersion) -> Estimate | None:
    """What tells of the coach's drafts whether they help; None where it cannot."""
    rows = HelpEstimate.objects.filter(coach=coach).order_by("-pk")
    newest = rows.values_list("pk", "made_at").first()
    found = _read_estimate(*newest) if newest else None
    return found if found and found.is_trusted else None


@lru_cache(maxsize=16)
def _read_estimate(pk: int, made_at: datetime) -> Estimate:
    """Read once: it is asked for with every draft, and a row is never changed."""
    return Estimate.from_dict(HelpEstimate.objects.get(pk=pk, made_at=made_at).papers)


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


def was_trained_here(coach: CoachVersion) -> bool:
    """Whether a run of this installation made it, and did not only evaluate it."""
    return coach.run is not None and coach.run.trains


def usable_coaches(scope: str) -> QuerySet[CoachVersion]:
    """Those that may draft for people or datasets: one that came in only after its
    evaluation. Newest first."""
    known = Q(run=None) | Q(run__state=TrainingRun.State.READY)
    return coaches(scope).filter(known, is_elsewhere=False)


def snapshots_behind(coach: CoachVersion) -> list[int]:
    """Primary keys: of its own snapshot, and of those of its ancestors."""
    return [one.run.snapshot_id for one in line_of(coach) if one.run]


def knowledge(
    coach: CoachVersion,
) -> Callable[[Sequence[str]], dict[str, PairText | None]]:
    """Tells which of some fingerprints a coach was trained on, with the expert's text.

    Of a coach that was not trained here, and of one that goes on from it, only the
    papers beside the adapter tell, and no text is at hand: None. Without papers nothing
    is known.
    """
    folder = Path(settings.COACH_STORE) / coach.adapter
    prints: set[str] = set()
    root = line_of(coach)[-1]
    if not was_trained_here(root) and (folder / NAME).exists():
        prints = set(Manifest.read(folder).trained_on)

    def known(fingerprints: Sequence[str]) -> dict[str, PairText | None]:
        texts = {k: row.revised for k, row in trained_on(coach, fingerprints).items()}
        named = {key: None for key in fingerprints if key[:PRINT_CHARS] in prints}
        return {**named, **texts}

    return known


def imported_coach(scope: str) -> CoachVersion | None:
    """The newest coach that was not trained here, such as the shipped one."""
    return coaches(scope).filter(run=None, is_elsewhere=False).first()


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
