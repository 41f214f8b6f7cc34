"""An annotator's text of one pair: sent in, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator.domain import effort, hunks, rubric, saying
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid, LeaseLost, OtherTab, Stale, TooLate
from annotator.domain.states import Stage
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.models import (
    AuditEvent,
    HunkDecision,
    Lease,
    Review,
    RubricScore,
    RubricTag,
    User,
)
from annotator.selectors import guidelines
from annotator.services import (
    autosaving,
    checking,
    choosing,
    deeds,
    overlapping,
    queueing,
    sampling,
    timing,
)
from annotator.services.deeds import Sent
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
    typed: PairText | None = None,
    marks: Marks = NO_MARKS,
    sent: Sent | None = None,
) -> Review:
    """Turn the person's text into the review of the pair they hold.

    Sent twice, it is one review. `typed` is what stood in the editor where the person
    chose the draft or the raw pair instead. A refused text is kept: as an autosave
    after the hold has ended (LeaseLost) and where a field or a mark is Invalid; in the
    history of the pair where another tab has the pen (OtherTab), has saved since
    (Stale) or has sent in another text under the same hold (LeaseLost).
    """
    sent, words = sent or Sent(), typed or text
    try:
        return _submit(token, person, text, typed, marks, sent)
    except (OtherTab, Stale, SentAnother) as refusal:
        autosaving.keep_refused(
            token=token, person=person, text=words, why=str(refusal)
        )
        raise
    except (LeaseLost, Invalid):
        autosaving.keep_late(token=token, person=person, text=words, tab=sent.tab)
        raise


class SentAnother(LeaseLost):
    """The person has sent in a text of this hold already, and it was another one."""


@transaction.atomic
def _submit(
    token: UUID,
    person: User,
    text: PairText,
    typed: PairText | None,
    marks: Marks,
    sent: Sent,
) -> Review:
    # The lock comes first: a second click waits here and then finds the review.
    try:
        lease = deeds.begin(token=token, person=person, stage=Stage.REVIEW, sent=sent)
    except LeaseLost:
        return _sent_before(token, person, text, marks)
    if lease is None:
        return Review.objects.get(lease__token=token)
    require_whole(text)
    require_sound(marks)
    choosing.go_on_from(lease, sent.draft_id)
    queueing.end(lease)
    draw = sampling.draw(lease.pair, person)
    review = _review(lease, text, draw)
    _store_hunks(review, lease)
    _store_marks(review, marks)
    _put_away(lease, text, typed)
    if lease.pair.project.checks_of_id:
        checking.settle(review)
    step = overlapping.after_submit(review)
    move(
        lease.pair,
        step.to,
        action=step.action,
        actor=person,
        deed=sent.deed,
        reserved_for=None,
        reserved_until=None,
        **{"reviewed_by": person, "to_judge": draw.to_judge, **step.changes},
    )
    return review


def _sent_before(token: UUID, person: User, text: PairText, marks: Marks) -> Review:
    """The review that says just this: the same submit came before."""
    mine = Review.objects.handed_in().filter(lease__token=token, author=person)
    earlier = mine.first()
    if earlier is None:
        raise LeaseLost(
            gettext("Your hold on this pair has ended. What you typed was kept.")
        )
    if earlier.text != text or _marks_of(earlier) != _comparable(marks):
        raise SentAnother(
            gettext("You have submitted another text of this pair from elsewhere.")
        )
    return earlier


def _marks_of(review: Review) -> tuple[set[str], dict[tuple[str, str], int]]:
    tags = set(review.tags.values_list("criterion", flat=True))
    scores = review.scores.values_list("side", "moment", "score")
    return tags, {(side, moment): score for side, moment, score in scores}


def _comparable(marks: Marks) -> tuple[set[str], dict[tuple[str, str], int]]:
    return set(marks.tags), dict(marks.scores)


def _put_away(lease: Lease, text: PairText, typed: PairText | None) -> None:
    """The review is there: unsent text is no longer offered. What the person had typed
    and did not send in stays in the history."""
    offered = [lease.pair.text, lease.draft.text if lease.draft else None, text]
    if typed and typed not in offered:
        autosaving.set_aside(
            lease.pair, lease.holder, typed, "the draft or the raw pair was chosen"
        )
    unsent = lease.pair.autosaves.filter(author=lease.holder)
    unsent.update(used_at=timezone.now())


def _review(lease: Lease, text: PairText, draw: sampling.Draw) -> Review:
    pair, raw = lease.pair, lease.pair.text
    draft = lease.draft.text if lease.draft else None
    leases = _leases_towards(lease)
    spent = timing.time_spent(leases)
    return Review.objects.create(
        pair=pair,
        author=lease.holder,
        lease=lease,
        draft=lease.draft,
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


def _named(field: str) -> dict[str, str]:
    """A field's word, in the midst of a sentence."""
    return {"field": saying.field(field)}


def require_whole(text: PairText) -> None:
    """Invalid unless the pair could be trained on; the message names the field."""
    for name in FIELDS:
        value = getattr(text, name)
        if name != "input" and not value.strip():
            raise Invalid(gettext("The %(field)s is empty.") % _named(name))
        if len(value) > MAX_FIELD_CHARS:
            told = {"has": f"{len(value):,}", "most": f"{MAX_FIELD_CHARS:,}"}
            raise Invalid(
                gettext("The %(field)s has %(has)s characters; %(most)s are allowed.")
                % (told | _named(name))
            )
        if "\0" in value:
            raise Invalid(
                gettext("The %(field)s contains a NUL character.") % _named(name)
            )


_BEFORE = gettext_noop(
    "The score of the %(field)s before the revision is %(score)s; with the flaws you "
    "marked it is 0 to %(most)s."
)
_AFTER = gettext_noop(
    "The score of the %(field)s after the revision is %(score)s; it may be 0 to "
    "%(most)s."
)


def require_sound(marks: Marks) -> None:
    """Invalid unless tags are known and each score keeps the cap of its flaws."""
    for tag in marks.tags:
        if tag not in rubric.BY_KEY:
            raise Invalid(
                gettext("There is no criterion %(tag)r in the rubric.") % {"tag": tag}
            )
    for (side, moment), score in marks.scores.items():
        if side not in rubric.SIDES or moment not in rubric.MOMENTS:
            raise Invalid(
                gettext("There is no score %(side)s %(moment)s.")
                % {"side": side, "moment": moment}
            )
        most = rubric.cap(side, marks.tags if moment == "before" else ())
        if not 0 <= score <= most:
            raise Invalid(
                (gettext(_BEFORE) if moment == "before" else gettext(_AFTER))
                % (_named(side) | {"score": score, "most": most})
            )


def undo(step: AuditEvent, person: User) -> Lease:
    """Take a submit back: the person holds the pair again.

    TooLate for a check, since the person has been told its result.
    """
    pair = step.pair
    if pair.project.checks_of_id:
        raise TooLate(
            gettext("This was a check, and you know its result: it stays as it is.")
        )
    mine = Review.objects.handed_in().filter(pair=pair, author=person)
    review = mine.select_related("draft").latest("submitted_at", "pk")
    review.pair = pair
    Review.objects.filter(pk=review.pk).update(withdrawn_at=timezone.now())
    autosaving.replace(pair, person, review.text, "the submit was undone")
    return queueing.hold(
        pair,
        person,
        Stage.REVIEW,
        Action.SUBMIT_UNDONE,
        draft=review.draft,
        **overlapping.before_undo(review),
    )
