"""An annotator's work on one pair: autosave, submit, exclude. Nothing typed is lost."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotator.domain import effort
from annotator.domain.errors import Invalid, LeaseLost
from annotator.domain.states import PairState, Stage
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.models import Autosave, Lease, Pair, Review, User
from annotator.services import queueing, screening, timing
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.examples import FIELDS, edit_distance


def submit(*, token: UUID, person: User, text: PairText, client_token: UUID) -> Review:
    """Turn the person's text into the review of the pair they hold.

    Sent twice, it is one review. After the lease has ended the text is kept as an
    autosave and LeaseLost is raised; so it is when a field is Invalid.
    """
    try:
        return _submit(token, person, text, client_token)
    except (LeaseLost, Invalid):
        keep_text(token=token, person=person, text=text)
        raise


@transaction.atomic
def _submit(token: UUID, person: User, text: PairText, client_token: UUID) -> Review:
    # The lock comes first: a second click waits here and then finds the review.
    Lease.objects.select_for_update().filter(token=token, holder=person).first()
    earlier = Review.objects.filter(lease__token=token, author=person).first()
    if earlier:
        return earlier
    lease = queueing.held(token=token, person=person, stage=Stage.REVIEW)
    require_whole(text)
    queueing.end(lease)
    review = _review(lease, text, client_token)
    lease.pair.autosaves.filter(author=person).update(used_at=timezone.now())
    move(
        lease.pair,
        PairState.REVIEWED,
        action="submitted",
        actor=person,
        reserved_for=None,
        reserved_until=None,
    )
    return review


def _review(lease: Lease, text: PairText, client_token: UUID) -> Review:
    pair, raw = lease.pair, lease.pair.text
    draft = lease.draft.text if lease.draft else None
    spent = timing.time_spent(lease)
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
        opened_at=lease.opened_at,
        active_seconds=spent.active,
        wall_seconds=spent.wall,
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


@transaction.atomic
def keep_text(*, token: UUID, person: User, text: PairText) -> Autosave | None:
    """Keep what a person has typed so far, whether or not they still hold the pair.

    None for a token that was never theirs: there is no pair to keep it with.
    """
    lease = (
        Lease.objects.select_related("pair__project")
        .filter(token=token, holder=person)
        .first()
    )
    if lease is None:
        return None
    fields = {name: _storable(getattr(text, name)) for name in FIELDS}
    autosave, made = Autosave.objects.select_for_update().get_or_create(
        pair=lease.pair, author=person, defaults=fields
    )
    if not made:
        Autosave.objects.filter(pk=autosave.pk).update(
            **fields,
            revision=F("revision") + 1,
            saved_at=timezone.now(),
            used_at=None,
        )
        autosave.refresh_from_db()
    if lease.ended_at is None:
        queueing.keep_alive(lease)
    return autosave


def _storable(value: str) -> str:
    """PostgreSQL keeps no NUL; far beyond the limit nothing was typed by a person."""
    return value.replace("\0", "\ufffd")[: 4 * MAX_FIELD_CHARS]


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
    )
    return lease.pair
