"""Settled work of known times, written as rows: the desk would take too long."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from annotator.domain.states import Arm, Stage
from annotator.models import Batch, Lease, Pair, Project, Review, User, Verdict


def make_pairs(project: Project, arm: Arm, count: int, **values: object) -> list[Pair]:
    """Accepted pairs of an arm."""
    batch, _ = Batch.objects.get_or_create(project=project, name="rows", sha256="0")
    wanted = {"state": "accepted", "opened": True, "category": "", **values}
    return Pair.objects.bulk_create(
        Pair(
            project=project,
            batch=batch,
            row=number,
            instruction="Say it.",
            response="It.",
            fingerprint=uuid4().hex,
            arm=arm,
            **wanted,
        )
        for number in range(count)
    )


def hold(pair: Pair, person: User, seconds: float, *, days_ago: int = 0) -> Lease:
    """A review hold that has ended."""
    now = timezone.now()
    lease = Lease.objects.create(
        pair=pair,
        stage=Stage.REVIEW,
        holder=person,
        expires_at=now,
        ended_at=now,
        active_seconds=seconds,
    )
    opened = now - timedelta(days=days_ago)
    Lease.objects.filter(pk=lease.pk).update(opened_at=opened)
    return lease


def judge(lease: Lease, *, accepted: bool = True, seconds: float = 0.0) -> Review:
    """The review that came of a hold, and quality control's answer."""
    review = Review.objects.create(
        pair=lease.pair,
        author=lease.holder,
        lease=lease,
        arm=lease.pair.arm,
        decision="edited",
        distance_raw_final=1,
        instruction="Say it.",
        response="It is said.",
    )
    Verdict.objects.create(
        review=review,
        accepted=accepted,
        reason="" if accepted else "style",
        active_seconds=seconds,
    )
    return review


def work(
    project: Project,
    person: User,
    arm: Arm,
    times: list[float],
    **values: object,
) -> list[Pair]:
    """Accepted pairs that took the person so many seconds each."""
    pairs = make_pairs(project, arm, len(times), **values)
    for pair, seconds in zip(pairs, times, strict=True):
        judge(hold(pair, person, seconds), seconds=10.0)
    return pairs
