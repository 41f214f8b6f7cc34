"""A project with work in two weeks of the past: told, so that it can be counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.domain.weeks import Week
from annotator.models import AuditEvent, Batch, Project, Review, User, Verdict
from annotator.services import quality
from tests import factories

WEEK = Week(2026, 40)
MONDAY = datetime(2026, 9, 28, 9, tzinfo=UTC)
SECONDS = 90.0


def at(day: int, week: Week = WEEK) -> datetime:
    """Nine o'clock on a day of the week; 0 is Monday."""
    return week.start(UTC) + timedelta(days=day, hours=9)


def prepare(count: int = 12, **values: object) -> tuple[Project, User, User]:
    """A project with drafted pairs, an annotator and a lead; imported in the week."""
    project = factories.make_drafted(count, drafts_ahead=1000, **values)
    Batch.objects.update(created_at=at(0))
    AuditEvent.objects.update(at=at(0))
    ann = factories.make_member(project, Role.ANNOTATOR, "ann")
    return project, ann, factories.make_member(project, Role.LEAD, "lea")


def review(
    project: Project, person: User, moment: datetime, *, changed: str = ""
) -> Review:
    """A review sent in at a moment, as drafted or with something added."""
    lease = factories.claim(project, person)
    text = lease.draft.text
    final = replace(text, response=f"{text.response}{changed}")
    made = factories.review(project, person, final)
    Review.objects.filter(pk=made.pk).update(
        submitted_at=moment, active_seconds=SECONDS
    )
    return made


def judge(
    project: Project, person: User, moment: datetime, *, reason: str = ""
) -> Verdict:
    """The oldest waiting review, accepted or sent back at a moment."""
    lease = factories.claim(project, person, Stage.QUALITY)
    if reason:
        made = quality.send_back(token=lease.token, person=person, reason=reason)
    else:
        made = quality.accept(token=lease.token, person=person)
    Verdict.objects.filter(pk=made.pk).update(created_at=moment, active_seconds=30.0)
    return made


def worked(**values: object) -> tuple[Project, User, User]:
    """Three reviews in WEEK, two in the week before; two accepted, one sent back."""
    project, ann, lea = prepare(**values)
    for day in (0, 1):
        review(project, ann, at(day, WEEK.before))
    review(project, ann, at(0))
    review(project, ann, at(0), changed=" More.")
    review(project, ann, at(2))
    judge(project, lea, at(3, WEEK.before))
    judge(project, lea, at(1))
    judge(project, lea, at(4), reason="style")
    return project, ann, lea
