"""Telling authors how their reviews fared, and leads what an audit found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from annotator.domain.news import Kind
from annotator.models import (
    BulkAcceptance,
    Notice,
    Pair,
    Project,
    Review,
    Skip,
    User,
    Verdict,
)
from annotator.selectors.days import begin_of
from annotator.services import telling
from annotator.services.news import News

LOOKS_BACK = 3
"""Days that are told of: a sweep that stood still for longer leaves one out."""


def returned(verdict: Verdict, reasons: Sequence[str]) -> None:
    """The author hears that it came back; of an audit also the lead of the bulk."""
    event = _of(verdict, Kind.RETURNED, reasons=list(reasons), note=verdict.note)
    telling.tell(event, [verdict.review.author_id or 0])
    if bulk := verdict.review.audit_of:
        event = _of(verdict, Kind.AUDIT, bulk=bulk.pk, reasons=list(reasons))
        telling.tell(event, [bulk.actor_id])
        _audited(bulk)


def accepted(verdict: Verdict, *, mended: bool = False) -> None:
    """The author hears of it, if they asked to."""
    event = _of(verdict, Kind.ACCEPTED, mended=mended, note=verdict.note)
    telling.tell(event, [verdict.review.author_id or 0])
    if bulk := verdict.review.audit_of:
        _audited(bulk)


def _audited(bulk: BulkAcceptance) -> None:
    """The lead of a bulk hears how its audit came out, once all of it is judged."""
    kept = Review.objects.filter(audit_of=bulk)
    if kept.filter(verdict=None).exists():
        return
    event = News(
        kind=Kind.AUDIT,
        project=bulk.project,
        about=Notice.About.BULK,
        key=_end_of(bulk),
        said={
            "bulk": bulk.pk,
            "audited": kept.count(),
            "returned": kept.filter(verdict__accepted=False).count(),
        },
    )
    telling.tell(event, [bulk.actor_id])


def undone(verdict: Verdict) -> None:
    """The verdict is about to be taken back, and what was told of it."""
    told = (Kind.RETURNED, Kind.AUDIT, Kind.ACCEPTED)
    keys = [_key(verdict, kind) for kind in told]
    if bulk := verdict.review.audit_of:
        keys.append(_end_of(bulk))
    telling.take_back(*keys)


def _end_of(bulk: BulkAcceptance) -> str:
    return f"audit:{bulk.pk}:end"


def sweep_days() -> int:
    """Sweep: tell each author how much of theirs was accepted on each of the last
    days that are over; how many were told. Safe to run twice: a day is told once.

    What the author accepted themself is no news.
    """
    today = timezone.localtime().date()
    days = [today - timedelta(days=n) for n in range(LOOKS_BACK, 0, -1)]
    return sum(_tell_of_day(day) for day in days)


def _tell_of_day(day: date) -> int:
    until = begin_of(day + timedelta(days=1))
    given = Verdict.objects.filter(
        accepted=True,
        created_at__gte=begin_of(day),
        created_at__lt=until,
        review__author__isnull=False,
        review__pair__project__checks_of=None,
    ).exclude(kind=Verdict.Kind.IMPORTED)
    given = given.exclude(judge=F("review__author"))
    unseen = Count("pk", filter=~Q(kind=Verdict.Kind.JUDGED))
    counted = given.order_by().values("review__pair__project", "review__author")
    rows = list(
        counted.annotate(accepted=Count("pk"), unseen=unseen).values_list(
            "review__pair__project", "review__author", "accepted", "unseen"
        )
    )
    known = _known_of(day)
    new = [row for row in rows if (row[0], row[1]) not in known]
    projects = Project.objects.in_bulk({row[0] for row in new})
    for number, author, accepted, nobody_looked in new:
        if project := projects.get(number):
            event = _of_day(project, day, accepted, nobody_looked)
            telling.tell(event, [author])
    return len(new)


def _known_of(day: date) -> set[tuple[int, int]]:
    """Project and person of those who were told of the day."""
    told = Notice.objects.filter(kind=Kind.DAY, said__day=str(day))
    return set(told.values_list("project", "person"))


def _of_day(project: Project, day: date, accepted: int, unseen: int) -> News:
    return News(
        kind=Kind.DAY,
        project=project,
        about=Notice.About.REVIEWS,
        key=f"day:{project.pk}:{day}",
        said={"day": str(day), "accepted": accepted, "unseen": unseen},
    )


def unparked(pair: Pair, lead: User, answer: str, note: str) -> None:
    """Whoever skipped the pair last hears the lead's answer: `queue` or `exclude`."""
    skip = Skip.objects.filter(pair=pair).order_by("-pk").first()
    if skip is None:
        return
    event = News(
        kind=Kind.SKIP,
        project=pair.project,
        about=Notice.About.PAIR,
        number=pair.pk,
        key=f"skip:{skip.pk}",
        by=lead,
        said={"answer": answer, "note": note},
    )
    telling.tell(event, [skip.person_id])


def _of(verdict: Verdict, kind: Kind, **said: object) -> News:
    pair = verdict.review.pair
    return News(
        kind=kind,
        project=pair.project,
        about=Notice.About.PAIR,
        number=pair.pk,
        key=_key(verdict, kind),
        by=verdict.judge,
        said=said,
    )


def _key(verdict: Verdict, kind: Kind) -> str:
    return f"{kind}:{verdict.pk}"
