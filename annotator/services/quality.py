"""Quality control: a second person accepts a review, mends it or sends it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import Invalid, NotAllowed, WorkflowError
from annotator.domain.states import PairState, Stage
from annotator.models import (
    Fix,
    Lease,
    Pair,
    Project,
    Review,
    User,
    Verdict,
    VerdictTag,
)
from annotator.services import autosaving, queueing, reviewing, timing
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.examples import edit_distance


@transaction.atomic
def claim(*, project: Project, person: User) -> Lease | None:
    """The next review to judge; None if none waits.

    Text that the person typed into the pair before there was this review is put into
    the history, so that the editor of a fix starts with the review.
    """
    lease = queueing.claim(project=project, person=person, stage=Stage.QUALITY)
    if lease is None:
        return None
    unsent = lease.pair.autosaves.filter(author=person, used_at=None).first()
    if unsent and unsent.saved_at < review_of(lease.pair).submitted_at:
        _put_away(lease, unsent.text, "typed before the review came")
    return lease


def accept(
    *, token: UUID, person: User, typed: PairText | None = None, note: str = ""
) -> Verdict:
    """Let the review into the training data as it is; `typed` only stays on record."""
    with _kept_if_refused(token, person, typed), transaction.atomic():
        lease, review, earlier = _judged(token, person)
        if earlier:
            return earlier
        verdict = _verdict(lease, review, accepted=True, note=note)
        _put_away(lease, typed, "quality control accepted the review without it")
        _accepted(lease, "accepted")
        return verdict


def fix_and_accept(
    *, token: UUID, person: User, text: PairText, note: str = ""
) -> Verdict:
    """Accept the review with the reviewer's text, which is what counts from now on.

    The same text as the author's is a plain accept. A refused text is kept.
    """
    with _kept_if_refused(token, person, text), transaction.atomic():
        lease, review, earlier = _judged(token, person)
        if earlier:
            return earlier
        reviewing.require_whole(text)
        verdict = _verdict(lease, review, accepted=True, note=note)
        fixed = _store_fix(verdict, text)
        _put_away(lease, None, "")
        _accepted(lease, "fixed and accepted" if fixed else "accepted")
        return verdict


def send_back(
    *,
    token: UUID,
    person: User,
    reason: str,
    also: Sequence[str] = (),
    note: str = "",
    text: PairText | None = None,
) -> Verdict:
    """Return the review to its author, who gets it next, with what is to be mended.

    `reason` is the main one, `also` holds further ones. A `text` other than the
    author's is shown to them as what the reviewer would have written.
    """
    with _kept_if_refused(token, person, text), transaction.atomic():
        reasons = _known((reason, *also))
        lease, review, earlier = _judged(token, person)
        if earlier:
            return earlier
        verdict = _verdict(lease, review, accepted=False, reason=reasons[0], note=note)
        VerdictTag.objects.bulk_create(
            VerdictTag(verdict=verdict, reason=each) for each in reasons
        )
        if text:
            _store_fix(verdict, text)
        _put_away(lease, None, "")
        days = timedelta(days=lease.pair.project.return_days)
        move(
            lease.pair,
            PairState.READY,
            action="sent back",
            actor=person,
            note=note,
            reserved_for=review.author,
            reserved_until=timezone.now() + days,
        )
        return verdict


def review_of(pair: Pair) -> Review:
    """The review that quality control is to judge: the newest that stands."""
    return pair.reviews.standing().order_by("-submitted_at", "-pk")[0]


def _known(reasons: Sequence[str]) -> list[str]:
    """Each reason once, the main one first; Invalid names those there are."""
    chosen = list(dict.fromkeys(filter(None, reasons)))
    if not chosen or set(chosen) - set(Verdict.Reason.values):
        known = ", ".join(Verdict.Reason.values)
        raise Invalid(f"Choose a reason to send the review back: {known}.")
    return chosen


@contextmanager
def _kept_if_refused(
    token: UUID, person: User, typed: PairText | None
) -> Iterator[None]:
    """Keep what was typed, whatever the refusal; outside the refused transaction."""
    try:
        yield
    except WorkflowError:
        lease = Lease.objects.filter(token=token, holder=person).first()
        if lease and typed and typed != review_of(lease.pair).text:
            autosaving.keep_text(token=token, person=person, text=typed)
        raise


def _judged(token: UUID, person: User) -> tuple[Lease, Review, Verdict | None]:
    """The lease, its review, and the verdict if it was given by an earlier click."""
    lease = (
        Lease.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pair__project")
        .filter(token=token, holder=person, stage=Stage.QUALITY)
        .first()
    )
    if lease and lease.ended_at:
        given = Verdict.objects.filter(judge=person, review__pair=lease.pair)
        if verdict := given.filter(created_at__gte=lease.opened_at).first():
            return lease, verdict.review, verdict
    lease = queueing.held(token=token, person=person, stage=Stage.QUALITY)
    if not policies.can_judge(person, lease.pair):
        raise NotAllowed("Nobody judges their own review.")
    review = review_of(lease.pair)
    return lease, review, Verdict.objects.filter(review=review).first()


def _verdict(
    lease: Lease, review: Review, *, accepted: bool, reason: str = "", note: str = ""
) -> Verdict:
    queueing.end(lease)
    return Verdict.objects.create(
        review=review,
        judge=lease.holder,
        accepted=accepted,
        reason=reason,
        note=note,
        active_seconds=timing.time_spent([lease]).active,
    )


def _store_fix(verdict: Verdict, text: PairText) -> Fix | None:
    """The reviewer's text, if it is another than the author's."""
    review = verdict.review
    if text == review.text:
        return None
    return Fix.objects.create(
        verdict=verdict,
        **autosaving.storable(text),
        distance=edit_distance(review.text, text),
        distance_raw=edit_distance(review.pair.text, text),
    )


def _put_away(lease: Lease, typed: PairText | None, why: str) -> None:
    """The verdict is given: unsent text is no longer offered, and stays on record if
    there is a reason `why` it was not used."""
    unsent = lease.pair.autosaves.filter(author=lease.holder, used_at=None)
    saved = unsent.first()
    text = typed or (saved.text if saved else None)
    if why and text and text != review_of(lease.pair).text:
        autosaving.set_aside(lease.pair, lease.holder, text, why)
    unsent.update(used_at=timezone.now())


def _accepted(lease: Lease, action: str) -> None:
    move(
        lease.pair,
        PairState.ACCEPTED,
        action=action,
        actor=lease.holder,
        reserved_for=None,
        reserved_until=None,
    )
