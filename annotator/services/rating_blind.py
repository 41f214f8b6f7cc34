"""A rater's desk: one text at a time, nobody twice, none beyond as many as were asked.

All claims and answers of one order take turns at its row, so that no text is handed
to more people than it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.blind_ratings import (
    HIGHEST,
    Mode,
    Place,
    chosen,
    is_swapped,
    turn,
)
from annotator.domain.errors import Invalid, LeaseLost, NotAllowed, TooLate
from annotator.domain.roles import Deed
from annotator.models import BlindAnswer, BlindRating, User
from annotator.models.pairs import settled_before
from annotator.selectors import blind_ratings


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a rater sends; which of it counts is the order's mode."""

    place: Place | None = None
    instruction: int | None = None
    response: int | None = None
    is_passed: bool = False
    """They cannot tell."""


def require_rater(rating: BlindRating, person: User) -> None:
    """NotAllowed unless the person was asked, and still is a member."""
    policies.require(person, rating.project, Deed.ANNOTATE)
    if not rating.people.filter(pk=person.pk).exists():
        raise NotAllowed(gettext("You were not asked to rate these texts."))


@transaction.atomic
def claim(*, rating: BlindRating, person: User) -> BlindAnswer | None:
    """The text that the person has in hand, else their next one; None without any."""
    require_rater(rating, person)
    rating = _locked(rating.pk)
    if rating.ended_at or rating.project.is_archived:
        return None
    mine = BlindAnswer.objects.filter(pair__rating=rating, person=person)
    held = _in_hand(mine)
    if held and _has_a_place(held):
        held.expires_at = _until(rating)
        held.save(update_fields=["expires_at"])
        return held
    if held:
        held.delete()
    return _next(rating, person)


def _locked(pk: int) -> BlindRating:
    found = BlindRating.objects.locked().select_related("project", "report", "study")
    return found.get(pk=pk)


def _in_hand(answers: QuerySet[BlindAnswer]) -> BlindAnswer | None:
    return answers.filter(answered_at=None).select_related("pair__rating").first()


def _until(rating: BlindRating) -> datetime:
    return timezone.now() + timedelta(minutes=rating.project.lease_minutes)


def _has_a_place(held: BlindAnswer) -> bool:
    """Whether fewer others than the order asks for have the same text."""
    others = BlindAnswer.objects.holding().filter(pair=held.pair_id, side=held.side)
    return others.exclude(pk=held.pk).count() < held.pair.rating.raters


def _next(rating: BlindRating, person: User) -> BlindAnswer | None:
    free = blind_ratings.free_for(rating, person)
    if not free:
        return None
    pair, side = min(free, key=lambda each: turn(rating.pk, person.pk, *each))
    _forget_run_out(pair, side)
    return BlindAnswer.objects.create(
        pair_id=pair, side=side, person=person, expires_at=_until(rating)
    )


def _forget_run_out(pair: int, side: str) -> None:
    """Somebody else has the place now: what comes too late finds no hold."""
    late = BlindAnswer.objects.filter(pair=pair, side=side, answered_at=None)
    late.filter(expires_at__lt=timezone.now()).delete()


@transaction.atomic
def answer(
    *, rating: BlindRating, token: UUID, person: User, deed: UUID, said: Said
) -> BlindAnswer:
    """Keep what the person says of the text in hand; the same deed again is done once.

    Raises:
        Invalid: a score is missing or out of range, or nothing was chosen.
        LeaseLost: the hold ran out and somebody else has the text, or the order ended.
    """
    require_rater(rating, person)
    rating = _locked(rating.pk)
    mine = BlindAnswer.objects.filter(pair__rating=rating, person=person)
    if done := mine.filter(deed=deed, answered_at__isnull=False).first():
        return done
    if rating.ended_at:
        raise LeaseLost(gettext("A lead has ended this rating meanwhile."))
    held = _in_hand(mine.filter(token=token))
    if held is None or not _has_a_place(held):
        raise LeaseLost(
            gettext(
                "Your hold on this text ended: it is answered already, or somebody "
                "else has it now. Open the desk anew for your next one."
            )
        )
    _take(held, said)
    held.deed, held.answered_at = deed, timezone.now()
    held.save()
    return held


def _take(held: BlindAnswer, said: Said) -> None:
    held.is_passed = said.is_passed
    held.choice, held.instruction, held.response = "", None, None
    if said.is_passed:
        return
    rating = held.pair.rating
    if rating.mode == Mode.COMPARE:
        if said.place is None:
            raise Invalid(gettext("Choose the better text, or say that it is a tie."))
        swapped = is_swapped(rating.pk, held.person_id, held.pair_id)
        held.choice = chosen(said.place, swapped=swapped).value
        return
    held.response = _score(said.response, gettext("Response"))
    if rating.report_id:
        held.instruction = _score(said.instruction, gettext("Instruction"))


def _score(typed: int | None, name: str) -> int:
    if typed is None or not 0 <= typed <= HIGHEST:
        raise Invalid(
            gettext("%(name)s: give a whole number from 0 to %(highest)s.")
            % {"name": name, "highest": HIGHEST}
        )
    return typed


@transaction.atomic
def undo(*, rating: BlindRating, deed: UUID, person: User) -> BlindAnswer:
    """Take the person's newest answer back into their hand, as they gave it.

    TooLate after UNDO_SECONDS, or when the order has ended.
    """
    require_rater(rating, person)
    rating = _locked(rating.pk)
    mine = BlindAnswer.objects.filter(pair__rating=rating, person=person)
    newest = mine.exclude(answered_at=None).order_by("-answered_at", "-pk").first()
    is_late = newest is None or newest.deed != deed or rating.ended_at
    if newest is None or is_late or not _is_fresh(newest):
        raise TooLate(gettext("It is too late to take this back."))
    if newest.is_passed and not _has_a_place(newest):
        raise TooLate(gettext("Somebody else has this text now."))
    mine.filter(answered_at=None).delete()
    newest.answered_at, newest.deed, newest.is_passed = None, None, False
    newest.expires_at = _until(rating)
    newest.save()
    return newest


def _is_fresh(given: BlindAnswer) -> bool:
    return given.answered_at is not None and given.answered_at > settled_before()
