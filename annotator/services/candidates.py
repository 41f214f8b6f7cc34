"""Another try of the coach, asked for by the person who holds the pair."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.states import Arm, Stage
from annotator.models import Candidate, Lease, User
from annotator.services import autosaving, checking, choosing, placing, queueing
from revision_engine.types import DraftRequest, DraftResult
from training.models import CoachVersion
from training.selectors import active_coach, open_challenge

MAX_SO_FAR_CHARS = 20_000
MAX_HINT_CHARS = 300


class NoCoach(WorkflowError):
    """There is nobody to ask."""

    code = "no_coach"


@transaction.atomic
def ask(*, token: UUID, person: User, hint: str) -> Candidate:
    """Write down that the person wants another draft, up to MOST a lease."""
    lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    if lease.pair.arm != Arm.COACHED:
        raise NoCoach(
            gettext("This pair is for comparison: it is revised without the coach.")
        )
    hint = " ".join(hint.replace("\0", "").split())
    if len(hint) > MAX_HINT_CHARS:
        raise Invalid(
            gettext("The hint has %(count)s characters; %(most)s are allowed.")
            % {"count": len(hint), "most": MAX_HINT_CHARS}
        )
    number = lease.candidates.count() + 1
    if number > Candidate.MOST:
        raise Invalid(
            gettext("The coach has been asked %(most)s times already.")
            % {"most": Candidate.MOST}
        )
    coach = _coach_for(lease)
    if coach is None:
        raise NoCoach(gettext("No coach is active in this project."))
    queueing.keep_alive(lease)
    return Candidate.objects.create(lease=lease, number=number, hint=hint, coach=coach)


@transaction.atomic
def show_held_back(*, token: UUID, person: User) -> Candidate:
    """Lay the draft that was held back before the person, as a candidate.

    Asked twice, it is one. Invalid if nothing is held back.
    """
    lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    draft = lease.draft.held_back if lease.draft else None
    if draft is None:
        raise Invalid(gettext("No draft of this pair is held back."))
    if known := lease.candidates.filter(draft=draft).first():
        return known
    queueing.keep_alive(lease)
    now = timezone.now()
    return Candidate.objects.create(
        lease=lease,
        number=lease.candidates.count() + 1,
        coach=draft.coach,
        state=Candidate.State.DONE,
        draft=draft,
        heard_at=now,
        ended_at=now,
    )


def _coach_for(lease: Lease) -> CoachVersion | None:
    """The active coach; while a challenge is open, the one it gave the pair."""
    project = lease.pair.project
    if project.checks_of_id:
        return checking.coach_for(project)
    scope = project.scope
    if challenge := open_challenge(scope):
        if challenge.challenger.is_elsewhere:
            # Refused for both sides, or it would tell whose draft one has in hand.
            raise NoCoach(
                gettext(
                    "A coach from elsewhere is on trial: nobody is asked again "
                    "meanwhile."
                )
            )
        drafts = lease.pair.drafts.filter(challenge=challenge).select_related("coach")
        if draft := drafts.first():
            return draft.coach
    return active_coach(scope)


def request_for(candidate: Candidate) -> DraftRequest:
    """What the engine is to write; the answer comes back under the candidate's id."""
    pair = candidate.lease.pair
    return DraftRequest(
        key=str(candidate.pk),
        text=pair.text,
        hint=candidate.hint,
        language=pair.project.language,
    )


def hear(*, candidate_id: int, text: str) -> None:
    """Note what the coach has written so far."""
    Candidate.objects.filter(pk=candidate_id, ended_at=None).update(
        state=Candidate.State.WRITING,
        text_so_far=text.replace("\0", "\ufffd")[:MAX_SO_FAR_CHARS],
        heard_at=timezone.now(),
    )


@transaction.atomic
def store(*, result: DraftResult) -> None:
    """Store the finished candidate; a second delivery changes nothing."""
    candidate = (
        Candidate.objects.locked()
        .select_related("lease__pair", "coach")
        .filter(pk=int(result.key), draft=None)
        .first()
    )
    if candidate is None:
        return
    candidate.draft = placing.write_result(
        candidate.lease.pair, candidate.coach, result, hint=candidate.hint
    )
    candidate.state = Candidate.State.DONE
    candidate.heard_at = candidate.ended_at = timezone.now()
    candidate.save()


@transaction.atomic
def choose(*, token: UUID, person: User, draft_id: int) -> Lease:
    """Go on from another draft of the pair: its text stands in the editor.

    What had been typed before is kept in the pair's history. Invalid if the person has
    no such draft.
    """
    lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    choosing.go_on_from(lease, draft_id)
    if lease.draft:
        autosaving.replace(
            lease.pair, person, lease.draft.text, "another draft was chosen"
        )
    return lease


def fail_silent(lease: Lease) -> int:
    """End what no worker writes any more for one hold; how many.

    Who looks at the candidates of a hold need not wait for the sweep.
    """
    limit = timezone.now() - timedelta(seconds=settings.CANDIDATE_SILENT_SECONDS)
    return lease.candidates.filter(ended_at=None, heard_at__lt=limit).update(
        state=Candidate.State.FAILED, ended_at=timezone.now()
    )


@transaction.atomic
def take_back() -> list[int]:
    """Sweep: end candidates that no engine writes any more; those to be asked again.

    An engine that dies on a candidate costs the person a moment, the second one the
    candidate: another engine would die on it, too.
    """
    now = timezone.now()
    died = now - timedelta(seconds=settings.ENGINE_SILENT_SECONDS)
    lost = now - timedelta(seconds=settings.CANDIDATE_SILENT_SECONDS)
    waiting = Candidate.objects.filter(ended_at=None)
    begun = waiting.filter(state=Candidate.State.WRITING, heard_at__lt=died)
    locked = begun.locked(skip=True)
    again = list(locked.filter(asked_again=False).values_list("pk", flat=True))
    begun.filter(asked_again=True).update(state=Candidate.State.FAILED, ended_at=now)
    waiting.filter(state=Candidate.State.ASKED, heard_at__lt=lost).update(
        state=Candidate.State.FAILED, ended_at=now
    )
    Candidate.objects.filter(pk__in=again).update(
        state=Candidate.State.ASKED, asked_again=True, text_so_far="", heard_at=now
    )
    return again
