"""Where a coach comes from and where it went: rows, people, drafts, exported pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotator.domain.states import PairState
from annotator.models import Draft, Review
from training.models import (
    Challenge,
    CoachVersion,
    Evaluation,
    Promotion,
    SnapshotItem,
    TrainingRun,
)
from training.selectors import snapshots_behind

PREFIX = "review:"


@dataclass(frozen=True, slots=True)
class Taught:
    """One person's part in what a coach learned from."""

    name: str
    """User name; empty for revisions that came with an import."""
    reviews: int


@dataclass(frozen=True, slots=True)
class Ancestry:
    """A coach, both ways."""

    coach: CoachVersion
    run: TrainingRun | None
    people: Sequence[Taught]
    """Most reviews first; empty for a coach that came without its run."""
    trained: int
    held_out: int
    tested_first: int
    """Measured on before a later coach may learn them."""
    drafts: int
    reviews: int
    """Standing reviews of its drafts."""
    exported: int
    """Accepted pairs whose text was revised from one of its drafts."""
    evaluations: Sequence[Evaluation]
    promotions: Sequence[Promotion]
    challenges: Sequence[Challenge]


def of_coach(coach: CoachVersion) -> Ancestry:
    """What a coach learned from and what it was used for."""
    reviews = Review.objects.filter(draft__coach=coach).standing()
    each = Count("fingerprint", distinct=True)
    roles = _items(coach).values_list("role").annotate(each).order_by()
    by_role = dict(roles)
    return Ancestry(
        coach=coach,
        run=coach.run,
        people=_people(coach),
        trained=by_role.get(SnapshotItem.Role.TRAIN, 0),
        held_out=by_role.get(SnapshotItem.Role.HELD_OUT, 0),
        tested_first=by_role.get(SnapshotItem.Role.TESTED_FIRST, 0),
        drafts=Draft.objects.answers().filter(coach=coach).count(),
        reviews=reviews.count(),
        exported=reviews.filter(
            verdict__accepted=True, pair__state=PairState.ACCEPTED
        ).count(),
        evaluations=list(
            coach.evaluations.select_related("current").order_by("-pk")[:20]
        ),
        promotions=list(
            coach.promotions.select_related("previous", "actor", "evaluation")[:20]
        ),
        challenges=list(
            Challenge.objects.filter(Q(challenger=coach) | Q(champion=coach))
            .select_related("champion", "challenger")
            .order_by("-pk")[:20]
        ),
    )


def _items(coach: CoachVersion) -> QuerySet[SnapshotItem]:
    """All that it and the coaches before it, that it goes on from, were given."""
    return SnapshotItem.objects.filter(snapshot__in=snapshots_behind(coach))


def _people(coach: CoachVersion) -> list[Taught]:
    trained = _items(coach).filter(role=SnapshotItem.Role.TRAIN)
    ids = [_review_id(source) for source in trained.values_list("source_id", flat=True)]
    authors = (
        Review.objects.filter(pk__in=[number for number in ids if number])
        .values_list("author__username")
        .annotate(n=Count("pk"))
        .order_by("-n", "author__username")
    )
    return [Taught(name or "", n) for name, n in authors]


def _review_id(source: str) -> int | None:
    number = source.removeprefix(PREFIX)
    return int(number) if source.startswith(PREFIX) and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Lesson:
    """One row that a coach, or one that it goes on from, was trained or measured on."""

    snapshot: str
    """The digest of the snapshot that it stands in."""
    role: str
    source: str
    review: int | None
    pair: int | None
    person: str
    distance: int
    weight: float
    fingerprint: str


def lessons(coach: CoachVersion) -> Iterator[Lesson]:
    """Every row of its snapshots, in the order they were frozen in."""
    items = _items(coach).select_related("snapshot").order_by("pk")
    ids = [_review_id(source) for source in items.values_list("source_id", flat=True)]
    reviews = Review.objects.select_related("author").in_bulk(filter(None, ids))
    for item in items.iterator(chunk_size=1000):
        review = reviews.get(_review_id(item.source_id) or 0)
        yield Lesson(
            snapshot=item.snapshot.sha256,
            role=item.role,
            source=item.source_id,
            review=review.pk if review else None,
            pair=review.pair_id if review else None,
            person=review.author.get_username() if review and review.author else "",
            distance=item.distance,
            weight=item.weight,
            fingerprint=item.fingerprint,
        )
