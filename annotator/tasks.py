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
    auditioning,
    calling,
    candidates,
    challenging,
    coach_studying,
    comparing_backbones,
    dataset_reporting,
    deleting,
    drafting,
    drifting,
    errands,
    exporting,
    hearing,
    importing,
    mailing,
    overlapping,
    prefetching,
    pushing,
    queueing,
    refitting,
    rewriting,
    running_rules,
    sampling,
    scheduling,
    studying,
    taking_back,
    telling,
    telling_of_reviews,
    telling_of_training,
    telling_of_work,
    tries,
    uploading,
    watching,
)
from annotator.services.tallies import folding
from revision_engine.tasks import generate_drafts, write_candidate
from revision_engine.types import CoachRef, DraftRequest, DraftResult


def nudge(task: Task, *args: Any) -> None:
    """Send a hint that there is work; without a broker, beat finds the work itself."""
    broker.send(task.name, *args)


@shared_task(name="annotator.hear_from")
def hear_from(
    name: str, memory: int | None = None, *, quantizes: bool | None = None
) -> None:
    hearing.hear(name, memory, quantizes=quantizes)


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
    project = Project.objects.filter(pk=project_id).first()
    while project and (batch := drafting.take_batch(project)):
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


@shared_task(name="annotator.audition_next")
def audition_next(audition_id: int) -> None:
    while message := auditioning.take(audition_id):
        _send(
            message.coach.ref,
            message.requests,
            message.errand,
            to=store_audition.name,
            beside={"audition_id": audition_id},
        )


@shared_task(name="annotator.store_audition")
def store_audition(results: list[dict[str, Any]], *, audition_id: int) -> None:
    made = map(DraftResult.from_dict, results)
    auditioning.store(audition_id=audition_id, results=made)


@shared_task(name="annotator.continue_auditions")
def continue_auditions() -> None:
    for audition_id in auditioning.to_continue():
        audition_next(audition_id)


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


@shared_task(name="annotator.sweep_uploads")
def sweep_uploads() -> None:
    uploading.sweep()


@shared_task(name="annotator.look_into_inbox")
def look_into_inbox() -> None:
    for batch in watching.fetch():
        take_up(batch)


@shared_task(name="annotator.read_imports")
def read_imports() -> None:
    for batch_id in importing.to_read()[:1]:
        nudge(read_import, batch_id)


@shared_task(name="annotator.run_rules")
def run_rules(run_id: int) -> None:
    running_rules.run(run_id)
    nudge(keep_drafts_ahead)


@shared_task(name="annotator.run_waiting_rules")
def run_waiting_rules() -> None:
    for run_id in running_rules.to_run()[:1]:
        nudge(run_rules, run_id)


@shared_task(name="annotator.write_export")
def write_export(export_id: int) -> None:
    exporting.write(export_id)


@shared_task(name="annotator.write_exports")
def write_exports() -> None:
    for export_id in exporting.to_write()[:1]:
        nudge(write_export, export_id)


@shared_task(name="annotator.forget_exports")
def forget_exports() -> None:
    exporting.forget_old()


@shared_task(name="annotator.make_dataset_report")
def make_dataset_report(report_id: int) -> None:
    dataset_reporting.make(report_id)


@shared_task(name="annotator.make_dataset_reports")
def make_dataset_reports() -> None:
    for report_id in dataset_reporting.to_make()[:1]:
        nudge(make_dataset_report, report_id)


@shared_task(name="annotator.forget_dataset_reports")
def forget_dataset_reports() -> None:
    dataset_reporting.forget_old()


@shared_task(name="annotator.carry_out_study")
def carry_out_study(study_id: int) -> None:
    """On the training worker. Safe to deliver twice: the second finds it taken."""
    studying.carry_out(study_id)


@shared_task(name="annotator.start_next_study")
def start_next_study() -> None:
    for study_id in studying.to_carry_out()[:1]:
        nudge(carry_out_study, study_id)


@shared_task(name="annotator.carry_out_coach_study")
def carry_out_coach_study(study_id: int) -> None:
    """On the training worker. Safe to deliver twice: the second finds it taken."""
    coach_studying.carry_out(study_id)


@shared_task(name="annotator.start_next_coach_study")
def start_next_coach_study() -> None:
    for study_id in coach_studying.to_carry_out()[:1]:
        nudge(carry_out_coach_study, study_id)


@shared_task(name="annotator.compare_backbones")
def compare_backbones(comparison_id: int) -> None:
    """On the training worker. Safe to deliver twice: the second finds it taken."""
    comparing_backbones.carry_out(comparison_id)


@shared_task(name="annotator.start_next_comparison")
def start_next_comparison() -> None:
    for comparison_id in comparing_backbones.to_carry_out()[:1]:
        nudge(compare_backbones, comparison_id)


@shared_task(name="annotator.push_adapter")
def push_adapter(push_id: int) -> None:
    """Safe to deliver twice: the second finds it taken."""
    pushing.carry_out(push_id)


@shared_task(name="annotator.push_adapters")
def push_adapters() -> None:
    for push_id in pushing.to_carry_out()[:1]:
        nudge(push_adapter, push_id)


@shared_task(name="annotator.release_expired_leases")
def release_expired_leases() -> None:
    queueing.release_expired()
    prefetching.sweep()


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
    nudge(continue_auditions)


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
    scheduling.retrain_when_due()


@shared_task(name="annotator.refit_estimates")
def refit_estimates() -> None:
    refitting.refit_all()


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


@shared_task(name="annotator.tell_of_rewrites")
def tell_of_rewrites() -> None:
    telling_of_work.rewrites_stand_still()


@shared_task(name="annotator.tell_of_training")
def tell_of_training() -> None:
    telling_of_training.sweep()


@shared_task(name="annotator.tell_of_days")
def tell_of_days() -> None:
    telling_of_reviews.sweep_days()


@shared_task(name="annotator.forget_notices")
def forget_notices() -> None:
    telling.forget_old()
    calling.forget_old()


@shared_task(name="annotator.forget_tries")
def forget_tries() -> None:
    tries.forget_old()


@shared_task(name="annotator.call_hook")
def call_hook(call_id: int) -> None:
    calling.call(call_id)


@shared_task(name="annotator.call_hooks")
def call_hooks() -> None:
    for call_id in calling.due():
        nudge(call_hook, call_id)


@shared_task(name="annotator.mail_at_once")
def mail_at_once() -> None:
    mailing.send_at_once()


@shared_task(name="annotator.mail_digests")
def mail_digests() -> None:
    mailing.send_digests()


@shared_task(name="annotator.delete_projects")
def delete_projects() -> None:
    for project_id in deleting.to_delete():
        deleting.go_on(project_id)
