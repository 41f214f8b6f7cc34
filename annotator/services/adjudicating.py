"""Two people did not agree about a pair: a lead lets one text stand, or writes one."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import effort
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove, Invalid, NotAllowed
from annotator.domain.states import PairState
from annotator.models import AuditEvent, Overlap, Pair, Review, Ruling, User
from annotator.selectors import guidelines
from annotator.services import autosaving, deeds, reviewing
from annotator.services.deeds import Sent
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.examples import edit_distance

Choice = Ruling.Choice


@transaction.atomic
def rule(
    *,
    pair: Pair,
    actor: User,
    choice: str,
    reason: str,
    note: str = "",
    text: PairText | None = None,
    sent: Sent | None = None,
) -> Ruling:
    """Let the first, the second or a third text stand; the pair goes on to quality
    control. `text` is the whole third text.

    IllegalMove if it has been ruled on or a submit was taken back; NotAllowed for
    an author of one of the two while somebody else can rule; Invalid names what is
    missing.
    """
    sent = sent or Sent()
    locked = Pair.objects.locked()
    pair = locked.select_related("project").get(pk=pair.pk)
    if deeds.is_done(sent, actor):
        return Ruling.objects.get(
            overlap__pair=pair, overlap__second__withdrawn_at=None
        )
    if pair.state != PairState.DISPUTED:
        raise IllegalMove(
            gettext("Nobody has to choose between two texts of this pair now.")
        )
    if not policies.can_adjudicate(actor, pair):
        raise NotAllowed(
            gettext("You wrote one of the two texts: somebody else must choose.")
        )
    _require_known(choice, reason)
    overlap = Overlap.objects.select_related("first__draft", "second").get(
        pair=pair, second__withdrawn_at=None
    )
    ruling = Ruling.objects.create(
        overlap=overlap,
        ruled_by=actor,
        choice=choice,
        reason=reason,
        note=note,
        is_own=actor.pk in {overlap.first.author_id, overlap.second.author_id},
    )
    _let_stand(overlap, actor, choice, text)
    move(
        pair,
        PairState.REVIEWED,
        action=Action.ADJUDICATED,
        actor=actor,
        note=note,
        deed=sent.deed,
        reviewed_by=pair.reviews.standing().get(slot__isnull=False).author,
        to_judge=True,
    )
    return ruling


def _require_known(choice: str, reason: str) -> None:
    for name, value, known in (
        ("text", choice, Choice.values),
        ("reason", reason, Ruling.Reason.values),
    ):
        if value not in known:
            raise Invalid(
                gettext("Choose a %(name)s: %(known)s.")
                % {"name": name, "known": ", ".join(known)}
            )


def _let_stand(
    overlap: Overlap, actor: User, choice: str, text: PairText | None
) -> None:
    """The text that stood is passed over first: the database knows only one."""
    if choice == Choice.FIRST:
        return
    reviews = Review.objects.filter(pair=overlap.pair_id)
    reviews.filter(pk=overlap.first_id).update(passed_over_at=timezone.now())
    if choice == Choice.SECOND:
        reviews.filter(pk=overlap.second_id).update(passed_over_at=None)
    else:
        _write_third(overlap, actor, text)


def _write_third(overlap: Overlap, actor: User, text: PairText | None) -> Review:
    """Nobody clocked it: it has no lease and no time, and no figure of speed has it."""
    if text is None:
        raise Invalid(gettext("Write the third text, or choose one of the two."))
    reviewing.require_whole(text)
    first, pair = overlap.first, overlap.pair
    draft = first.draft.text if first.draft else None
    return Review.objects.create(
        pair=pair,
        author=actor,
        draft=first.draft,
        arm=pair.arm,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
        decision=effort.decide(pair.text, draft, text),
        distance_raw_final=edit_distance(pair.text, text),
        distance_draft_final=edit_distance(draft, text) if draft else None,
        distance_raw_draft=edit_distance(pair.text, draft) if draft else None,
        guideline=guidelines.current(pair.project),
        slot=Review.Slot.RULING,
    )


def undo(step: AuditEvent, person: User) -> Ruling:
    """Let the lead choose again; returns the ruling that no longer counts.

    A third text becomes what the lead goes on from.
    """
    pair = step.pair
    ruling = Ruling.objects.select_related("overlap__first").get(
        overlap__pair=pair, overlap__second__withdrawn_at=None
    )
    reviews = Review.objects.filter(pair=pair)
    third = reviews.handed_in().filter(slot=Review.Slot.RULING).first()
    if third:
        autosaving.replace(pair, person, third.text, "the choice was undone")
    now, overlap = timezone.now(), ruling.overlap
    reviews.filter(slot=Review.Slot.RULING).update(withdrawn_at=now)
    reviews.filter(pk=overlap.second_id).update(passed_over_at=now)
    reviews.filter(pk=overlap.first_id).update(passed_over_at=None)
    Ruling.objects.filter(pk=ruling.pk).delete()
    move(
        pair,
        PairState.DISPUTED,
        action=Action.CHOICE_UNDONE,
        actor=person,
        reviewed_by=overlap.first.author,
    )
    return ruling
