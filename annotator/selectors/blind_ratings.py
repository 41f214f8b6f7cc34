"""Blind ratings: who has what to rate, and what a rater's desk shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotator.domain.blind_ratings import Mode, Side, is_swapped
from annotator.models import (
    BlindAnswer,
    BlindPair,
    BlindRating,
    DatasetReport,
    ModelStudy,
    Project,
    User,
)
from annotator.models.pairs import settled_before
from revision_engine.types import PairText

SHOWN = 50
NONE = {"answers": 0, "passed": 0}
Task = tuple[int, str]
"""A BlindPair's key, and the side of it that is rated; empty: both are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far an order is, all raters together."""

    rating: BlindRating
    people: int
    pairs: int
    answers: int
    passed: int

    @property
    def wanted(self) -> int:
        return self.pairs * len(self.rating.sides) * self.rating.raters

    @property
    def is_over(self) -> bool:
        return bool(self.rating.ended_at) or self.answers >= self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """How far one person is with an order."""

    rating: BlindRating
    done: int
    left: int
    """With what they have in hand."""

    @property
    def whole(self) -> int:
        return self.done + self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """An answer that can be taken back for a while."""

    deed: UUID
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a rater sees of a text, or of two: nothing says whose they are."""

    answer: BlindAnswer
    texts: Sequence[PairText]
    """One, or the left and the right one."""

    @property
    def is_one_question(self) -> bool:
        """Whether both answer the very same."""
        return len({(text.instruction, text.input) for text in self.texts}) == 1


def of_project(project: Project) -> list[Stand]:
    """All orders, the newest first."""
    return stands(BlindRating.objects.filter(project=project))


def of_report(report: DatasetReport) -> list[Stand]:
    return stands(BlindRating.objects.filter(report=report))


def of_study(study: ModelStudy) -> list[Stand]:
    return stands(BlindRating.objects.filter(study=study))


def stands(ratings: QuerySet[BlindRating]) -> list[Stand]:
    """Of some orders, in four queries."""
    found = list(
        ratings.select_related("asked_by", "report", "study", "project")
        .defer("report__for_raters", "report__document", "study__for_raters")
        .defer("study__document")
        .order_by("-pk")[:SHOWN]
    )
    keys = [each.pk for each in found]
    asked = BlindRating.objects.filter(pk__in=keys)
    people = dict(asked.values_list("pk").annotate(Count("people")))
    pairs = dict(asked.values_list("pk").annotate(Count("pairs")))
    said = BlindAnswer.objects.filter(
        pair__rating__in=keys, answered_at__isnull=False
    ).order_by()
    counted = {
        each["pair__rating"]: each
        for each in said.values("pair__rating").annotate(
            answers=Count("pk", filter=Q(is_passed=False)),
            passed=Count("pk", filter=Q(is_passed=True)),
        )
    }
    return [
        Stand(
            rating=each,
            people=people[each.pk],
            pairs=pairs[each.pk],
            answers=counted.get(each.pk, NONE)["answers"],
            passed=counted.get(each.pk, NONE)["passed"],
        )
        for each in found
    ]


def mine(project: Project, person: User) -> list[Mine]:
    """Orders that the person was asked for and that have something left for them; the
    oldest first."""
    if project.is_archived:
        return []
    asked = BlindRating.objects.filter(project=project, people=person, ended_at=None)
    found = [stand_of(each, person) for each in asked.order_by("pk")]
    return [each for each in found if each.left]


def stand_of(rating: BlindRating, person: User) -> Mine:
    answers = BlindAnswer.objects.filter(pair__rating=rating, person=person)
    done = answers.filter(answered_at__isnull=False).count()
    in_hand = answers.filter(answered_at=None).count()
    is_open = not rating.ended_at
    left = len(free_for(rating, person)) + in_hand if is_open else 0
    return Mine(rating=rating, done=done, left=left)


def free_for(rating: BlindRating, person: User) -> list[Task]:
    """What the person may be handed: not met before, neither written nor judged by
    them (not even since), and with fewer raters than it needs."""
    answers = BlindAnswer.objects.filter(pair__rating=rating)
    met = set(answers.filter(person=person).values_list("pair", "side"))
    taken = Counter(answers.holding().values_list("pair", "side"))
    written = Q(pair__reviews__author=person) | Q(pair__reviews__verdict__judge=person)
    hands = BlindPair.objects.filter(written, rating=rating)
    others = rating.pairs.exclude(pk__in=hands.values("pk"))
    return [
        (pair, str(side))
        for pair in others.values_list("pk", flat=True)
        for side in rating.sides
        if (pair, side) not in met and taken[pair, side] < rating.raters
    ]


def shown(answer: BlindAnswer) -> Shown:
    """What the person has in hand, as they see it."""
    pair = answer.pair
    if pair.rating.mode == Mode.RATE:
        return Shown(answer=answer, texts=[pair.text(answer.side)])
    sides = [Side.ONE, Side.OTHER]
    if is_swapped(pair.rating_id, answer.person_id, pair.pk):
        sides.reverse()
    return Shown(answer=answer, texts=[pair.text(side) for side in sides])


def undoable(rating: BlindRating, person: User) -> Undoable | None:
    """The person's newest answer, while it is fresh."""
    answers = BlindAnswer.objects.filter(
        pair__rating=rating, person=person, answered_at__isnull=False
    )
    newest = answers.order_by("-answered_at", "-pk").first()
    if newest is None or newest.answered_at is None or newest.deed is None:
        return None
    if newest.answered_at <= settled_before() or rating.ended_at:
        return None
    age = (timezone.now() - newest.answered_at).total_seconds()
    return Undoable(deed=newest.deed, seconds_left=settings.UNDO_SECONDS - age)
