"""Celery doorways: decode, call one service, encode. Each is safe to run twice."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator import broker
from annotator.models import Candidate, Project
from annotator.services import (
    candidates,
    challenging,
    drafting,
    drifting,
    hearing,
    overlapping,
    queueing,
    rewriting,
    sampling,
    snapshotting,
    tallying,
)
from revision_engine.tasks import generate_drafts, write_candidate
from revision_engine.types import DraftResult


def nudge(task: Task, *args: Any) -> None:
    """Send a hint that there is work; without a broker, beat finds the work itself."""
    broker.send(task.name, *args)


@shared_task(name="annotator.hear_from")
def hear_from(name: str) -> None:
    hearing.hear(name)


@shared_task(name="annotator.draft_next_batch")
def draft_next_batch(project_id: int) -> None:
    project = Project.objects.get(pk=project_id)
    while batch := drafting.take_batch(project):
        generate_drafts.delay(
            batch.coach.ref.as_dict(),
            [request.as_dict() for request in batch.requests],
            send_to=store_drafts.name,
            send_with={
                "coach_id": batch.coach.pk,
                "project_id": project_id,
                "challenge_id": batch.challenge_id,
            },
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
        generate_drafts.delay(
            message.coach.ref.as_dict(),
            [request.as_dict() for request in message.requests],
            send_to=store_rewrite.name,
            send_with={"rewrite_id": rewrite_id},
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


@shared_task(name="annotator.requeue_stale_rows")
def requeue_stale_rows() -> None:
    rewriting.requeue_stale()


@shared_task(name="annotator.release_expired_leases")
def release_expired_leases() -> None:
    queueing.release_expired()


@shared_task(name="annotator.accept_unsampled")
def accept_unsampled() -> None:
    sampling.accept_unsampled()


@shared_task(name="annotator.go_on_alone")
def go_on_alone() -> None:
    overlapping.go_on_alone()


@shared_task(name="annotator.requeue_stale_drafts")
def requeue_stale_drafts() -> None:
    drafting.requeue_stale()


@shared_task(name="annotator.ask_for_candidate")
def ask_for_candidate(candidate_id: int) -> None:
    candidate = Candidate.objects.select_related("lease__pair", "coach").get(
        pk=candidate_id
    )
    write_candidate.delay(
        candidate.coach.ref.as_dict(),
        candidates.request_for(candidate).as_dict(),
        seed=candidate.pk,
    )


@shared_task(name="annotator.hear_candidate")
def hear_candidate(candidate_id: int, text: str) -> None:
    candidates.hear(candidate_id=candidate_id, text=text)


@shared_task(name="annotator.store_candidate")
def store_candidate(result: dict[str, Any]) -> None:
    candidates.store(result=DraftResult.from_dict(result))


@shared_task(name="annotator.fail_silent_candidates")
def fail_silent_candidates() -> None:
    candidates.fail_silent()


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
    for project in tallying.projects_to_fold():
        tallying.fold(project)
