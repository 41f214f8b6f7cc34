"""An annotator's decision about one pair: submit, take back, exclude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotator.domain import effort, hunks, rubric
from annotator.domain.errors import Invalid, LeaseLost, TooLate
from annotator.domain.states import PairState, Stage
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.models import (
    HunkDecision,
    Lease,
    Pair,
    Review,
    RubricScore,
    RubricTag,
    User,
)
from annotator.selectors import guidelines
from annotator.services import (
    autosaving,
    checking,
    overlapping,
    queueing,
    sampling,
    screening,
    timing,
)
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.examples import FIELDS, edit_distance


@dataclass(frozen=True, slots=True)
class Marks:
    """What the person said by the rubric: flaws of the raw pair, scores of both."""

    tags: Sequence[str] = ()
    """Keys of `rubric.CRITERIA`."""
    scores: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(side, moment) -> 0 to 100."""


NO_MARKS = Marks()


def submit(
    *,
    token: UUID,
    person: User,
    text: PairText,
    client_token: UUID,
    marks: Marks = NO_MARKS,
) -> Review:
    """Turn the person's text into the review of the pair they hold.

    Sent twice, it is one review. After the lease has ended the text is kept as an
    autosave and LeaseLost is raised; so it is when a field or a mark is Invalid.
    """
    try:
        return _submit(token, person, text, client_token, marks)
    except (LeaseLost, Invalid):
        autosaving.keep_text(token=token, person=person, text=text)
        raise


@transaction.atomic
def _submit(
    token: UUID, person: User, text: PairText, client_token: UUID, marks: Marks
) -> Review:
    # The lock comes first: a second click waits here and then finds the review.
    try:
        lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    except LeaseLost:
        earlier = Review.objects.filter(lease__token=token, author=person).first()
        if earlier is None:
            raise
        return earlier
    require_whole(text)
    require_sound(marks)
    queueing.end(lease)
    draw = sampling.draw(lease.pair, person)
    review = _review(lease, text, client_token, draw)
    _store_hunks(review, lease)
    _store_marks(review, marks)
    lease.pair.autosaves.filter(author=person).update(used_at=timezone.now())
    if lease.pair.project.checks_of_id:
        checking.settle(review)
    step = overlapping.after_submit(review)
    move(
        lease.pair,
        step.to,
        action=step.action,
        actor=person,
        reserved_for=None,
        reserved_until=None,
        **{"reviewed_by": person, "to_judge": draw.to_judge, **step.changes},
    )
    return review


def _review(
    lease: Lease, text: PairText, client_token: UUID, draw: sampling.Draw
) -> Review:
    pair, raw = lease.pair, lease.pair.text
    draft = lease.draft.text if lease.draft else None
    leases = _leases_towards(lease)
    spent = timing.time_spent(leases)
    return Review.objects.create(
        pair=pair,
        author=lease.holder,
        lease=lease,
        draft=lease.draft,
        client_token=client_token,
        arm=pair.arm,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
        decision=effort.decide(raw, draft, text),
        distance_raw_final=edit_distance(raw, text),
        distance_draft_final=edit_distance(draft, text) if draft else None,
        distance_raw_draft=edit_distance(raw, draft) if draft else None,
        opened_at=leases[0].opened_at,
        active_seconds=spent.active,
        wall_seconds=spent.wall,
        regenerate_seconds=timing.regenerate_seconds(leases),
        guideline=guidelines.current(pair.project.home),
        words_shown=effort.word_count(raw) + (effort.word_count(draft) if draft else 0),
        quality_rate=draw.rate,
        quality_draw=draw.place,
    )


def _leases_towards(lease: Lease) -> list[Lease]:
    """All holds of the person on the pair since their last standing review: what was
    given back, ran out or was taken back is time spent on it, too."""
    mine = Lease.objects.filter(
        pair=lease.pair_id, holder=lease.holder_id, stage=Stage.REVIEW
    )
    leases = list(mine.select_related("pair__project").order_by("opened_at"))
    if len(leases) == 1:
        return leases
    last = (
        Review.objects.handed_in()
        .filter(pair=lease.pair_id, author=lease.holder_id)
        .order_by("-submitted_at")
        .first()
    )
    if last:
        leases = [one for one in leases if one.opened_at > last.submitted_at]
    return leases or [lease]


def _store_hunks(review: Review, lease: Lease) -> None:
    raw = lease.pair.text
    draft = lease.draft.text if lease.draft else raw
    HunkDecision.objects.bulk_create(
        HunkDecision(
            review=review,
            field=name,
            number=number,
            outcome=piece.outcome or "",
            before=piece.before,
            after=piece.after,
            final=piece.final,
        )
        for name in FIELDS
        for number, piece in enumerate(_changes(raw, draft, review.text, name), 1)
    )


def _changes(
    raw: PairText, draft: PairText, final: PairText, name: str
) -> list[hunks.Piece]:
    sides = (getattr(text, name) for text in (raw, draft, final))
    return [piece for piece in hunks.place(*sides) if piece.outcome]


def _store_marks(review: Review, marks: Marks) -> None:
    RubricTag.objects.bulk_create(
        RubricTag(review=review, criterion=key) for key in dict.fromkeys(marks.tags)
    )
    RubricScore.objects.bulk_create(
        RubricScore(review=review, side=side, moment=moment, score=score)
        for (side, moment), score in marks.scores.items()
    )


def require_whole(text: PairText) -> None:
    """Invalid unless the pair could be trained on; the message names the field."""
    for name in FIELDS:
        value = getattr(text, name)
        if name != "input" and not value.strip():
            raise Invalid(f"The {name} is empty.")
        if len(value) > MAX_FIELD_CHARS:
            raise Invalid(
                f"The {name} has {len(value):,} characters; "
                f"{MAX_FIELD_CHARS:,} are allowed."
            )
        if "\0" in value:
            raise Invalid(f"The {name} contains a NUL character.")


def require_sound(marks: Marks) -> None:
    """Invalid unless tags are known and each score keeps the cap of its flaws."""
    for tag in marks.tags:
        if tag not in rubric.BY_KEY:
            raise Invalid(f"There is no criterion {tag!r} in the rubric.")
    for (side, moment), score in marks.scores.items():
        if side not in rubric.SIDES or moment not in rubric.MOMENTS:
            raise Invalid(f"There is no score {side} {moment}.")
        most = rubric.cap(side, marks.tags if moment == "before" else ())
        if not 0 <= score <= most:
            raise Invalid(
                f"The score of the {side} {moment} the revision is {score}; with the "
                f"flaws you marked it is 0 to {most}."
            )


@transaction.atomic
def undo(*, token: UUID, person: User) -> Lease:
    """Take a submit back while it is fresh; the person holds the pair again.

    TooLate after UNDO_SECONDS, or once somebody else has begun. A pair that the
    person has opened meanwhile waits for them.
    """
    review = (
        Review.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pair__project", "lease")
        .filter(lease__token=token, author=person, withdrawn_at=None)
        .first()
    )
    if review and review.pair.project.checks_of_id:
        raise TooLate("This was a check, and you know its result: it stays as it is.")
    limit = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    if review is None or review.submitted_at < limit or not _untouched(review):
        raise TooLate("It is too late to undo this submit.")
    queueing.lay_down(project=review.pair.project, person=person)
    Review.objects.filter(pk=review.pk).update(withdrawn_at=timezone.now())
    autosaving.replace(review.pair, person, review.text, "the submit was undone")
    return queueing.hold(
        review.pair,
        person,
        Stage.REVIEW,
        "submit undone",
        draft=review.draft,
        **overlapping.before_undo(review),
    )


def _untouched(review: Review) -> bool:
    """Lock the pair; whether nobody has taken it further since the submit."""
    locked = Pair.objects.select_for_update(no_key=True, of=("self",))
    review.pair = locked.select_related("project").get(pk=review.pair_id)
    return review.is_untouched


@transaction.atomic
def exclude(*, token: UUID, person: User, reason: str, note: str = "") -> Pair:
    """Set the pair aside as one that should not be revised at all."""
    why = screening.exclusion(reason)
    lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    queueing.end(lease)
    move(
        lease.pair,
        PairState.EXCLUDED,
        action="excluded",
        actor=person,
        note=note,
        exclusion_reason=why,
        exclusion_note=note,
        first_author=None,
    )
    return lease.pair
