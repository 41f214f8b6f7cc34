"""Quality control: a second person accepts a review, mends it or sends it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import (
    Invalid,
    LeaseLost,
    NotAllowed,
    OtherTab,
    Stale,
    TooLate,
    WorkflowError,
)
from annotator.domain.states import PairState, Stage
from annotator.models import (
    AuditEvent,
    Fix,
    Gold,
    Lease,
    Project,
    Review,
    User,
    Verdict,
    VerdictTag,
)
from annotator.services import (
    autosaving,
    deeds,
    queueing,
    reviewing,
    telling_of_reviews,
    timing,
)
from annotator.services.deeds import Sent
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.examples import edit_distance
from training.selectors import is_frozen


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
    if unsent and unsent.saved_at < lease.pair.standing_review.submitted_at:
        _put_away(lease, unsent.text, "typed before the review came")
    return lease


def accept(
    *,
    token: UUID,
    person: User,
    typed: PairText | None = None,
    note: str = "",
    sent: Sent | None = None,
) -> Verdict:
    """Let the review into the training data as it is; `typed` only stays on record."""
    with _kept_if_refused(token, person, typed), transaction.atomic():
        asked = _Asked(accepted=True, note=note)
        judged = _judged(token, person, asked, sent or Sent())
        if judged.given:
            return judged.given
        verdict = _verdict(judged, asked)
        _put_away(judged.lease, typed, "quality control accepted the review without it")
        _accepted(judged, Action.ACCEPTED)
        telling_of_reviews.accepted(verdict)
        return verdict


def fix_and_accept(
    *,
    token: UUID,
    person: User,
    text: PairText,
    note: str = "",
    sent: Sent | None = None,
) -> Verdict:
    """Accept the review with the reviewer's text, which is what counts from now on.

    The same text as the author's is a plain accept. A refused text is kept.
    """
    with _kept_if_refused(token, person, text), transaction.atomic():
        asked = _Asked(accepted=True, note=note, text=text)
        judged = _judged(token, person, asked, sent or Sent())
        if judged.given:
            return judged.given
        reviewing.require_whole(text)
        verdict = _verdict(judged, asked)
        fixed = _store_fix(verdict, text)
        _put_away(judged.lease, None, "")
        _accepted(judged, Action.FIXED_AND_ACCEPTED if fixed else Action.ACCEPTED)
        telling_of_reviews.accepted(verdict, mended=fixed is not None)
        return verdict


def send_back(
    *,
    token: UUID,
    person: User,
    reason: str,
    also: Sequence[str] = (),
    note: str = "",
    text: PairText | None = None,
    sent: Sent | None = None,
) -> Verdict:
    """Return the review to its author, who gets it next, with what is to be mended.

    `reason` is the main one, `also` holds further ones. A `text` other than the
    author's is shown to them as what the reviewer would have written.
    """
    with _kept_if_refused(token, person, text), transaction.atomic():
        reasons = _known((reason, *also))
        asked = _Asked(accepted=False, note=note, reason=reasons[0], text=text)
        judged = _judged(token, person, asked, sent or Sent())
        if judged.given:
            return judged.given
        verdict = _verdict(judged, asked)
        VerdictTag.objects.bulk_create(
            VerdictTag(verdict=verdict, reason=each) for each in reasons
        )
        if text:
            _store_fix(verdict, text)
        _put_away(judged.lease, None, "")
        pair = judged.lease.pair
        move(
            pair,
            PairState.READY,
            action=Action.SENT_BACK,
            actor=person,
            note=note,
            deed=judged.sent.deed,
            reserved_for=judged.review.author,
            reserved_until=timezone.now() + timedelta(days=pair.project.return_days),
        )
        telling_of_reviews.returned(verdict, reasons)
        return verdict


def _known(reasons: Sequence[str]) -> list[str]:
    """Each reason once, the main one first; Invalid names those there are."""
    chosen = list(dict.fromkeys(filter(None, reasons)))
    if not chosen or set(chosen) - set(Verdict.Reason.values):
        known = ", ".join(Verdict.Reason.values)
        raise Invalid(
            gettext("Choose a reason to send the review back: %(known)s.")
            % {"known": known}
        )
    return chosen


@contextmanager
def _kept_if_refused(
    token: UUID, person: User, typed: PairText | None
) -> Iterator[None]:
    """Keep what was typed, whatever the refusal; outside the refused transaction."""
    try:
        yield
    except WorkflowError as refusal:
        lease = Lease.objects.filter(token=token, holder=person).first()
        if lease and typed and typed != lease.pair.standing_review.text:
            if isinstance(refusal, OtherTab | Stale | GaveAnother):
                why = str(refusal)
                autosaving.keep_refused(token=token, person=person, text=typed, why=why)
            else:
                autosaving.keep_late(token=token, person=person, text=typed, tab=None)
        raise


class GaveAnother(LeaseLost):
    """The person has judged this review already, and otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The verdict that a person gives."""

    accepted: bool
    note: str
    reason: str = ""
    text: PairText | None = None
    """Of a fix or of remarks; None for the author's."""

    def is_what(self, given: Verdict) -> bool:
        """Whether an earlier verdict says just this."""
        fix = getattr(given, "fix", None)
        mine = self.text if self.text != given.review.text else None
        said = (given.accepted, given.note, given.reason, fix and fix.text)
        return said == (self.accepted, self.note, self.reason, mine)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A review that a verdict is about to be given for, or the verdict it has."""

    lease: Lease
    review: Review
    sent: Sent
    given: Verdict | None = None


def _judged(token: UUID, person: User, asked: _Asked, sent: Sent) -> _Judged:
    """The held review; with the verdict if this deed, or one that says the same, was
    done before. GaveAnother if it was another one."""
    try:
        lease = deeds.begin(token=token, person=person, stage=Stage.QUALITY, sent=sent)
    except LeaseLost:
        return _given_before(token, person, asked, sent)
    if lease is None:
        return _given_before(token, person, None, sent)
    if not policies.can_judge(person, lease.pair):
        raise NotAllowed(gettext("Nobody judges their own review."))
    return _Judged(lease, lease.pair.standing_review, sent)


def _given_before(
    token: UUID, person: User, asked: _Asked | None, sent: Sent
) -> _Judged:
    """`asked` is None where the deed itself is known to be done."""
    lease = (
        Lease.objects.select_related("pair")
        .filter(token=token, holder=person, stage=Stage.QUALITY)
        .first()
    )
    given = lease and _given(lease)
    if not lease or not given:
        raise LeaseLost(
            gettext("Your hold on this pair has ended. What you typed was kept.")
        )
    if asked and not asked.is_what(given):
        raise GaveAnother(
            gettext("You have judged this review from elsewhere already.")
        )
    return _Judged(lease, given.review, sent, given)


def _given(lease: Lease) -> Verdict | None:
    """What the holder of an ended lease said of its review."""
    mine = Verdict.objects.filter(judge=lease.holder, review__pair=lease.pair)
    return mine.filter(created_at__gte=lease.opened_at).first()


def _verdict(judged: _Judged, asked: _Asked) -> Verdict:
    lease = judged.lease
    queueing.end(lease)
    return Verdict.objects.create(
        review=judged.review,
        judge=lease.holder,
        accepted=asked.accepted,
        reason=asked.reason,
        note=asked.note,
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
    if why and text and text != lease.pair.standing_review.text:
        autosaving.set_aside(lease.pair, lease.holder, text, why)
    unsent.update(used_at=timezone.now())


def _accepted(judged: _Judged, action: Action) -> None:
    move(
        judged.lease.pair,
        PairState.ACCEPTED,
        action=action,
        actor=judged.lease.holder,
        deed=judged.sent.deed,
        reserved_for=None,
        reserved_until=None,
    )


@dataclass(frozen=True, slots=True)
class UndoneVerdict:
    """A verdict that was taken back: its judge holds the review again."""

    lease: Lease
    note: str
    reasons: Sequence[str]
    """The main one first; empty for an acceptance."""


def undo(step: AuditEvent, person: User) -> UndoneVerdict:
    """Take a verdict back; the reviewer's own text stands in the editor again.

    TooLate if a coach or the gold pairs have got hold of the review meanwhile.
    """
    pair = step.pair
    verdict = Verdict.objects.select_related("fix").get(review=pair.standing_review)
    _require_unused(verdict.review)
    if fix := getattr(verdict, "fix", None):
        autosaving.replace(pair, person, fix.text, "the verdict was undone")
    reasons = [verdict.reason, *verdict.tags.values_list("reason", flat=True)]
    note = verdict.note
    action = Action.ACCEPTANCE_UNDONE if verdict.accepted else Action.RETURN_UNDONE
    telling_of_reviews.undone(verdict)
    verdict.delete()
    lease = queueing.hold(
        pair, person, Stage.QUALITY, action, draft=None,
        reserved_for=None, reserved_until=None,
    )  # fmt: skip
    return UndoneVerdict(lease, note, list(dict.fromkeys(filter(None, reasons))))


def _require_unused(review: Review) -> None:
    if is_frozen(f"review:{review.pk}") or Gold.objects.filter(review=review).exists():
        raise TooLate(
            gettext("The review is used already: its verdict stays as it is.")
        )
