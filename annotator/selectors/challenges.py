"""A challenge as its rows tell it: what counts, side by side, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Length

from annotator.domain.challenge import rule
from annotator.domain.challenge.figures import (
    Compared,
    Reviewed,
    compare,
    compare_drafts,
    enough_people,
)
from annotator.domain.effort import Decision
from annotator.models import Draft, Review, Verdict
from training.examples import edit_distance
from training.models import Challenge, CoachVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRow:
    """One draft that counts, and the review that counts of its pair, if there is one.

    That is the pair's first standing review by a person, sent in before the challenge
    ended. Whatever candidate the person went on from, the pair stays its coach's.
    """

    draft: int
    pair: int
    coach: str
    by_challenger: bool
    drafted_at: datetime
    draft_chars: int
    problem: str
    review: int | None = None
    person: int | None = None
    username: str = ""
    submitted_at: datetime | None = None
    decision: str = ""
    accepted: bool = False
    """Sent in exactly as this draft had it, and the draft was usable."""
    edited_chars: int | None = None
    """From this draft to the final text."""
    active_seconds: float | None = None
    returned: bool | None = None
    """By quality control; None: not judged (before the challenge ended)."""
    look: int | None = None
    """The first look that it is part of; None: of none that has been taken."""


@dataclass(frozen=True, slots=True)
class ChallengeSide:
    """One coach of a challenge; counts of what counts."""

    coach: CoachVersion
    drafts: int
    reviews: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A challenge as it stands, or as it stood when it ended."""

    challenge: Challenge
    champion: ChallengeSide
    challenger: ChallengeSide
    people: int
    by_people: bool
    """Whether the intervals are over people; else over reviews."""
    figures: Sequence[Compared]
    """Of all reviews so far; they decide nothing."""
    verdict: rule.ChallengeFinding


def trial(challenge: Challenge) -> Trial:
    """Everything about one challenge, from rows alone."""
    found = rows(challenge)
    counted = reviewed(found)
    drafts = compare_drafts([(row.by_challenger, bool(row.problem)) for row in found])
    return Trial(
        challenge=challenge,
        champion=_side(challenge.champion, found, challenger=False),
        challenger=_side(challenge.challenger, found, challenger=True),
        people=len({row.person for row in counted}),
        by_people=enough_people(counted),
        figures=[*compare(counted), *([drafts] if drafts else [])],
        verdict=rule.decide(counted, challenge.needed),
    )


def verdict(challenge: Challenge) -> rule.ChallengeFinding:
    """What the reviews say, as the rule of a challenge reads them."""
    return rule.decide(reviewed(rows(challenge)), challenge.needed)


def _side(
    coach: CoachVersion, found: Sequence[ChallengeRow], *, challenger: bool
) -> ChallengeSide:
    mine = [row for row in found if row.by_challenger == challenger]
    return ChallengeSide(coach, len(mine), sum(row.review is not None for row in mine))


def rows(challenge: Challenge) -> list[ChallengeRow]:
    """Reviewed drafts in the order of their reviews, then the others: all that the
    figures are counted from."""
    reviews = _first_reviews(challenge)
    found = [
        _row(challenge, draft, reviews.get(draft["pair_id"]))
        for draft in _drafts(challenge)
    ]
    counted = [row for row in found if row.review is not None]
    counted.sort(key=lambda row: (row.submitted_at, row.review))
    waiting = [row for row in found if row.review is None]
    return [*_looked_at(counted, challenge.needed), *waiting]


def reviewed(found: Sequence[ChallengeRow]) -> list[Reviewed]:
    """The reviews as the figures take them, in the order of `found`."""
    return [
        Reviewed(
            by_challenger=row.by_challenger,
            person=row.person,
            edited=row.edited_chars or 0,
            drafted=row.draft_chars,
            accepted=row.accepted,
            seconds=row.active_seconds or 0.0,
            returned=row.returned,
        )
        for row in found
        if row.person is not None
    ]


def _drafts(challenge: Challenge) -> Iterable[Mapping[str, Any]]:
    drafts = Draft.objects.filter(challenge=challenge)
    if challenge.ended_at:
        drafts = drafts.filter(created_at__lte=challenge.ended_at)
    chars = Length("instruction") + Length("input") + Length("response")
    return (
        drafts.order_by("pk")
        .annotate(chars=chars)
        .values(
            "pk", "pair_id", "coach_id", "coach__name", "created_at", "problem", "chars"
        )
    )


def _first_reviews(challenge: Challenge) -> dict[int, Mapping[str, Any]]:
    """Each pair's first standing review by a person, by the pair."""
    reviews = Review.objects.standing().filter(
        pair__drafts__challenge=challenge, is_imported=False, author__isnull=False
    )
    if challenge.ended_at:
        reviews = reviews.filter(submitted_at__lte=challenge.ended_at)
    found = reviews.order_by("-submitted_at", "-pk").values(
        "pk",
        "pair_id",
        "author_id",
        "draft_id",
        "decision",
        "submitted_at",
        "active_seconds",
        "distance_draft_final",
        username=F("author__username"),
        accepted=F("verdict__accepted"),
        kind=F("verdict__kind"),
        judge_id=F("verdict__judge"),
        judged_at=F("verdict__created_at"),
    )
    # The last one wins, which is the first to have been sent in.
    return {row["pair_id"]: row for row in found}


def _row(
    challenge: Challenge, draft: Mapping[str, Any], review: Mapping[str, Any] | None
) -> ChallengeRow:
    counted = _counted(challenge, draft, review) if review else {}
    return ChallengeRow(
        draft=draft["pk"],
        pair=draft["pair_id"],
        coach=draft["coach__name"],
        by_challenger=draft["coach_id"] == challenge.challenger_id,
        drafted_at=draft["created_at"],
        draft_chars=draft["chars"],
        problem=draft["problem"],
        **counted,
    )


def _counted(
    challenge: Challenge, draft: Mapping[str, Any], review: Mapping[str, Any]
) -> dict[str, Any]:
    """The review's part of a row."""
    from_it = review["draft_id"] == draft["pk"]
    accepted = review["decision"] == Decision.ACCEPTED and from_it
    ended, judged_at = challenge.ended_at, review["judged_at"]
    by_another = review["judge_id"] != review["author_id"]
    judged = review["kind"] == Verdict.Kind.JUDGED and by_another
    in_time = judged and (ended is None or judged_at <= ended)
    edited = review["distance_draft_final"]
    return {
        "review": review["pk"],
        "person": review["author_id"],
        "username": review["username"],
        "submitted_at": review["submitted_at"],
        "decision": review["decision"],
        "accepted": accepted and not draft["problem"],
        "edited_chars": edited if from_it else _distance(draft["pk"], review["pk"]),
        "active_seconds": review["active_seconds"],
        "returned": not review["accepted"] if in_time else None,
    }


def _distance(draft: int, review: int) -> int:
    """From the draft to the text of a person who went on from another candidate."""
    before, final = Draft.objects.get(pk=draft), Review.objects.get(pk=review)
    return edit_distance(before.text, final.text)


def _looked_at(counted: Sequence[ChallengeRow], needed: int) -> list[ChallengeRow]:
    """Say of each review which look it is part of."""
    as_reviews = reviewed(counted)
    ends = [rule.window(as_reviews, n * needed) for n in range(1, rule.LOOKS + 1)]
    return [
        _with_look(row, [n for n, end in enumerate(ends, 1) if end and place < end])
        for place, row in enumerate(counted)
    ]


def _with_look(row: ChallengeRow, looks: Sequence[int]) -> ChallengeRow:
    return replace(row, look=looks[0]) if looks else row
