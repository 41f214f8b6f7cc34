"""Celery doorways: decode, call one service, encode. Each is safe to run twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from annotator import broker
from annotator.models import Batch, Candidate, Project
from annotator.services import (
    candidates,
    challenging,
    drafting,
    drifting,
    errands,
    hearing,
    importing,
    overlapping,
    queueing,
    rewriting,
    sampling,
    snapshotting,
    taking_back,
)
from annotator.services.tallies import folding
from revision_engine.tasks import generate_drafts, write_candidate
from revision_engine.types import CoachRef, DraftRequest, DraftResult


def nudge(task: Task, *args: Any) -> None:
    """Send a hint that there is work; without a broker, beat finds the work itself."""
    broker.send(task.name, *args)


@shared_task(name="annotator.hear_from")
def hear_from(name: str) -> None:
    hearing.hear(name)


def _send(
    coach: CoachRef,
    requests: Sequence[DraftRequest],
    errand: int,
    *,
    to: str,
    beside: dict[str, Any],
) -> None:
    """Ask the engine; what the broker does not take comes back at once."""
    try:
        generate_drafts.apply_async(
            (coach.as_dict(), [request.as_dict() for request in requests]),
            {
                "send_to": to,
                "send_with": beside,
                "errand": {
                    "number": errand,
                    "hear": hear_engine.name,
                    "hand_back": hand_back.name,
                },
            },
            expires=errands.lifetime(),
        )
    except OperationalError:
        taking_back.hand_back(errand, [int(request.key) for request in requests])
        raise


@shared_task(name="annotator.draft_next_batch")
def draft_next_batch(project_id: int) -> None:
    project = Project.objects.get(pk=project_id)
    while batch := drafting.take_batch(project):
        beside = {
            "coach_id": batch.coach.pk,
            "project_id": project_id,
            "challenge_id": batch.challenge_id,
        }
        _send(
            batch.coach.ref,
            batch.requests,
            batch.errand,
            to=store_drafts.name,
            beside=beside,
        )


@shared_task(name="annotator.store_drafts")
def store_drafts(
    results: list[dict[str, Any]],
    *,
    coach_id: int,
    project_id: int,
    challenge_id: int | None = None,
) -> None:
    drafting.store(
        coach_id=coach_id,
        results=map(DraftResult.from_dict, results),
        challenge_id=challenge_id,
    )
    nudge(draft_next_batch, project_id)


@shared_task(name="annotator.keep_drafts_ahead")
def keep_drafts_ahead() -> None:
    for project_id in drafting.projects_to_serve():
        draft_next_batch(project_id)


@shared_task(name="annotator.rewrite_next")
def rewrite_next(rewrite_id: int) -> None:
    while message := rewriting.take(rewrite_id):
        _send(
            message.coach.ref,
            message.requests,
            message.errand,
            to=store_rewrite.name,
            beside={"rewrite_id": rewrite_id},
        )


@shared_task(name="annotator.store_rewrite")
def store_rewrite(results: list[dict[str, Any]], *, rewrite_id: int) -> None:
    made = map(DraftResult.from_dict, results)
    rewriting.store(rewrite_id=rewrite_id, results=made)
    nudge(rewrite_next, rewrite_id)


@shared_task(name="annotator.continue_rewrites")
def continue_rewrites() -> None:
    for rewrite_id in rewriting.to_continue():
        rewrite_next(rewrite_id)


@shared_task(name="annotator.read_import")
def read_import(batch_id: int) -> None:
    importing.read(batch_id)
    nudge(keep_drafts_ahead)


def take_up(batch: Batch) -> bool:
    """Read a small file while one waits (True), leave a large one to the worker."""
    if batch.size > settings.READ_AT_ONCE_BYTES:
        nudge(read_import, batch.pk)
        return False
    importing.read(batch.pk)
    nudge(draft_next_batch, batch.project_id)
    return True


@shared_task(name="annotator.read_imports")
def read_imports() -> None:
    for batch_id in importing.to_read()[:1]:
        nudge(read_import, batch_id)


@shared_task(name="annotator.release_expired_leases")
def release_expired_leases() -> None:
    queueing.release_expired()


@shared_task(name="annotator.accept_unsampled")
def accept_unsampled() -> None:
    sampling.accept_unsampled()


@shared_task(name="annotator.go_on_alone")
def go_on_alone() -> None:
    overlapping.go_on_alone()


@shared_task(name="annotator.hear_engine")
def hear_engine(errand_id: int, *, failed: bool = False) -> None:
    errands.hear(errand_id, failed=failed)


@shared_task(name="annotator.hand_back")
def hand_back(errand_id: int, ids: list[str], *, died: bool = False) -> None:
    taking_back.hand_back(errand_id, [int(each) for each in ids], died=died)
    nudge(keep_drafts_ahead)
    nudge(continue_rewrites)


@shared_task(name="annotator.take_back")
def take_back() -> None:
    taking_back.sweep()


@shared_task(name="annotator.ask_for_candidate")
def ask_for_candidate(candidate_id: int) -> None:
    found = Candidate.objects.select_related("lease__pair__project", "coach")
    candidate = found.get(pk=candidate_id)
    request = candidates.request_for(candidate)
    write_candidate.apply_async(
        (candidate.coach.ref.as_dict(), request.as_dict()),
        {
            "seed": candidate.pk,
            "hear": hear_candidate.name,
            "send_to": store_candidate.name,
        },
        expires=settings.CANDIDATE_SILENT_SECONDS,
    )


@shared_task(name="annotator.hear_candidate")
def hear_candidate(candidate_id: int, text: str) -> None:
    candidates.hear(candidate_id=candidate_id, text=text)


@shared_task(name="annotator.store_candidate")
def store_candidate(result: dict[str, Any]) -> None:
    candidates.store(result=DraftResult.from_dict(result))


@shared_task(name="annotator.take_back_candidates")
def take_back_candidates() -> None:
    for candidate_id in candidates.take_back():
        nudge(ask_for_candidate, candidate_id)


@shared_task(name="annotator.retrain_when_due")
def retrain_when_due() -> None:
    snapshotting.retrain_when_due()


@shared_task(name="annotator.settle_challenges")
def settle_challenges() -> None:
    challenging.settle_all()


@shared_task(name="annotator.watch_drift")
def watch_drift() -> None:
    drifting.check_all()


@shared_task(name="annotator.fold_tallies")
def fold_tallies() -> None:
    for project in folding.projects_to_fold():
        folding.fold(project)
