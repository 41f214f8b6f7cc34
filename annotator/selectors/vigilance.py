"""Signs that somebody may not be reading: their own first, then for leads.

A lead's figures stop at the moment up to which the person has seen theirs (or had
`Project.signs_days` to do so): everything a lead reads, the person could read before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from annotator.domain import intervals, vigilance
from annotator.domain.effort import Decision
from annotator.domain.planting import CheckOutcome
from annotator.domain.states import CheckKind
from annotator.domain.vigilance import Read, WorkSign
from annotator.models import Check, Gold, Project, Review, SignsOpened, User

WINDOW = timedelta(days=90)
"""Older reviews tell about somebody who has learned since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRow:
    """One review that the signs are counted from."""

    review: int
    pair: int
    person: str
    submitted_at: datetime
    words: int
    seconds: float
    words_a_second: float
    is_faster: bool
    """Than the project says anybody reads."""
    decision: str
    returned: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSigns:
    """One person's signs, of what was handed in from `since` to `until`."""

    person: User
    since: datetime
    until: datetime
    signs: Sequence[WorkSign]
    stands_out: bool
    planted: int
    """Planted mistakes that were answered."""
    noticed: int
    golds: int
    mean_gold: float | None
    """Mean word similarity to the gold texts."""
    rows: Sequence[SignRow]


def own(person: User, project: Project) -> PersonSigns:
    """A person's signs up to now, for their own page."""
    return _signs(person, project, timezone.now())


def for_leads(project: Project) -> list[PersonSigns]:
    """Everybody's signs by name, each up to where the person could see their own."""
    opened = dict(
        SignsOpened.objects.filter(project=project).values_list("person", "at")
    )
    latest = timezone.now() - timedelta(days=project.signs_days)
    return [
        _signs(person, project, max(latest, opened.get(person.pk, latest)))
        for person in _people(project)
    ]


def _people(project: Project) -> QuerySet[User]:
    at_the_desk = Review.objects.handed_in().filter(
        pair__project=project, lease__isnull=False
    )
    authors = at_the_desk.values("author")
    return User.objects.filter(pk__in=authors).order_by("username")


def _signs(person: User, project: Project, until: datetime) -> PersonSigns:
    since = until - WINDOW
    found = rows(person, project, since, until)
    checks = list(checks_of(person, project, since, until))
    planted = [check for check in checks if check.kind == CheckKind.PLANTED]
    golds = [
        check.similarity or 0.0 for check in checks if check.kind != CheckKind.PLANTED
    ]
    left = sum(check.outcome == CheckOutcome.LEFT for check in planted)
    signs = vigilance.signs(
        _reads(found), left=left, planted=len(planted), floor=project.reading_floor
    )
    return PersonSigns(
        person=person,
        since=since,
        until=until,
        signs=signs,
        stands_out=vigilance.stands_out(signs),
        planted=len(planted),
        noticed=len(planted) - left,
        golds=len(golds),
        mean_gold=sum(golds) / len(golds) if golds else None,
        rows=found,
    )


def _reads(found: Iterable[SignRow]) -> list[Read]:
    return [
        Read(
            words=row.words,
            seconds=row.seconds,
            accepted=row.decision == Decision.ACCEPTED,
            returned=row.returned,
        )
        for row in found
    ]


def checks_of(
    person: User, project: Project, since: datetime, until: datetime
) -> QuerySet[Check]:
    """The checks that a person answered, newest first."""
    mine = Check.objects.filter(
        project=project, person=person, answered_at__gt=since, answered_at__lte=until
    )
    return mine.select_related("review", "source").order_by("-answered_at")


def rows(
    person: User, project: Project, since: datetime, until: datetime
) -> list[SignRow]:
    """The reviews at the desk of which time and words are known, newest first."""
    found = Review.objects.handed_in().filter(
        pair__project=project,
        author=person,
        lease__isnull=False,
        active_seconds__gt=0,
        words_shown__isnull=False,
        submitted_at__gt=since,
        submitted_at__lte=until,
    )
    values = found.order_by("-submitted_at").values(
        "pk", "pair_id", "submitted_at", "words_shown", "active_seconds", "decision",
        username=F("author__username"), accepted=F("verdict__accepted"),
        judged_at=F("verdict__created_at"),
    )  # fmt: skip
    return [_row(value, project.reading_floor, until) for value in values]


def _row(value: Mapping[str, Any], floor: float, until: datetime) -> SignRow:
    rate = value["words_shown"] / value["active_seconds"]
    is_judged = value["judged_at"] is not None and value["judged_at"] <= until
    return SignRow(
        review=value["pk"],
        pair=value["pair_id"],
        person=value["username"],
        submitted_at=value["submitted_at"],
        words=value["words_shown"],
        seconds=value["active_seconds"],
        words_a_second=rate,
        is_faster=rate > floor,
        decision=value["decision"],
        returned=not value["accepted"] if is_judged else None,
    )


@dataclass(frozen=True, slots=True)
class MistakeKind:
    """How planted mistakes of one kind fared, over all that leads may see."""

    kind: str
    answered: int
    noticed: int
    low: float
    high: float


def by_kind(project: Project, people: Sequence[PersonSigns]) -> list[MistakeKind]:
    """Planted mistakes by kind, most frequent first."""
    seen = Q()
    for one in people:
        seen |= Q(
            person=one.person, answered_at__gt=one.since, answered_at__lte=one.until
        )
    if not people:
        return []
    found = list(
        Check.objects.filter(seen, project=project, kind=CheckKind.PLANTED)
        .order_by()
        .values_list("mistake", "outcome")
    )
    kinds = sorted({kind for kind, _ in found})
    told = [_of_kind(kind, [out for k, out in found if k == kind]) for kind in kinds]
    return sorted(told, key=lambda one: -one.answered)


def _of_kind(kind: str, outcomes: Sequence[str]) -> MistakeKind:
    noticed = sum(outcome != CheckOutcome.LEFT for outcome in outcomes)
    low, high = intervals.wilson(noticed, len(outcomes))
    return MistakeKind(kind, len(outcomes), noticed, low, high)


def golds(project: Project) -> QuerySet[Gold]:
    """Gold texts that are shown, newest first."""
    found = Gold.objects.filter(review__pair__project=project, ended_at=None)
    return found.select_related("review", "chosen_by").order_by("-chosen_at")


def is_gold(pair_id: int) -> bool:
    """Whether the pair has a gold text that is shown."""
    return Gold.objects.filter(review__pair=pair_id, ended_at=None).exists()


def kept_for_second(project: Project, person: User) -> int:
    """Pairs of which the person wrote the first text and a second one is awaited."""
    waiting = project.pairs.filter(first_author=person, state="ready")
    return waiting.count()
