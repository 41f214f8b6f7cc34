"""What a person types is on the server before they submit it, and stays there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.errors import LeaseLost, OtherTab, Stale
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.models import Autosave, Draft, KeptText, Lease, Pair, User
from annotator.services import choosing, queueing
from revision_engine.types import PairText
from training.examples import FIELDS

TAB_SILENT_AFTER = timedelta(seconds=45)
"""Three heartbeats: a tab that has missed them is closed."""


def keep_text(
    *,
    token: UUID,
    person: User,
    text: PairText,
    base_revision: int | None = None,
    tab: UUID | None = None,
    draft_id: int | None = None,
) -> Autosave:
    """Keep what a person has typed so far, whether or not they still hold the pair.

    `draft_id`: the draft that the text goes on from, if the pair has several. A text
    that was typed over another one is kept beside.

    LeaseLost for a token that was never theirs; OtherTab while another tab types;
    Stale if another tab has saved since `base_revision`. In the last two cases the
    text is kept beside the saved one. Invalid for a draft that is none of the pair's.
    """
    saved, refusal = _keep(token, person, text, base_revision, tab, draft_id)
    if refusal:  # raised here, outside the transaction that kept the text
        raise refusal
    return saved


@transaction.atomic
def _keep(
    token: UUID,
    person: User,
    text: PairText,
    base_revision: int | None,
    tab: UUID | None,
    draft_id: int | None,
) -> tuple[Autosave, OtherTab | Stale | None]:
    lease = owned(token, person)
    saved, fresh = Autosave.objects.select_for_update(no_key=True).get_or_create(
        pair=lease.pair, author=person, defaults={**storable(text), "tab": tab}
    )
    refusal = None if fresh else _refusal(lease, saved, base_revision, tab)
    if refusal and storable(text) != storable(saved.text):
        set_aside(lease.pair, person, text, str(refusal))
        return saved, refusal
    is_running = lease.ended_at is None
    if is_running and draft_id not in (None, lease.draft_id):
        if not fresh and not _is_offered(lease.pair, saved.text):
            _keep_once(lease.pair, person, saved.text, "another draft was looked at")
        choosing.go_on_from(lease, draft_id)
    if not fresh:
        _overwrite(saved, text, tab)
    if is_running:
        queueing.keep_alive(lease)
    return saved, None


def owned(token: UUID, person: User) -> Lease:
    """A lease of the person, running or ended; LeaseLost if it never was theirs,
    NotAllowed if their role does not cover it any more."""
    leases = Lease.objects.locked().select_related("pair__project")
    lease = leases.filter(token=token, holder=person).first()
    if lease is None:
        raise LeaseLost(
            gettext("This pair was never yours, so there is nothing to save to.")
        )
    lease.holder = person  # whose roles are read already
    queueing.require_role(lease)
    return lease


def _refusal(
    lease: Lease, saved: Autosave, base: int | None, tab: UUID | None
) -> OtherTab | Stale | None:
    if tab and is_elsewhere(lease, tab):
        return OtherTab(gettext("You work on this pair in another tab."))
    # A tab whose own last save went unanswered knows an older number: no conflict.
    same_writer = tab is not None and saved.tab == tab
    if base is None or saved.used_at or same_writer or saved.revision == base:
        return None
    return Stale(gettext("This pair was saved from another tab or device since."))


def _overwrite(saved: Autosave, text: PairText, tab: UUID | None) -> None:
    for name, value in storable(text).items():
        setattr(saved, name, value)
    saved.revision += 1
    saved.tab, saved.used_at = tab, None
    saved.save()


def require_pen(lease: Lease, tab: UUID | None, base_revision: int | None) -> None:
    """OtherTab while another tab types; Stale if one has saved since `base_revision`.

    A page without scripts has no tab: it may act as long as none holds the pen.
    """
    saved = lease.pair.autosaves.filter(author=lease.holder, used_at=None).first()
    if lease.tab != tab and is_held(lease):
        raise OtherTab(gettext("You work on this pair in another tab."))
    if saved and (refusal := _refusal(lease, saved, base_revision, tab)):
        raise refusal


def keep_late(
    *, token: UUID, person: User, text: PairText, tab: UUID | None
) -> Autosave | None:
    """Keep a text whose hold has ended, to go on from; None if it was never theirs.

    What the same person had saved from another tab goes into the pair's history.
    """
    with transaction.atomic():
        lease = Lease.objects.filter(token=token, holder=person).first()
        if lease is None:
            return None
        saved = lease.pair.autosaves.filter(author=person, used_at=None).first()
        if saved and tab and saved.tab == tab:
            _overwrite(saved, text, tab)
            return saved
        return replace(lease.pair, person, text, "typed again after the hold had ended")


@transaction.atomic
def keep_refused(*, token: UUID, person: User, text: PairText, why: str) -> None:
    """Put a text that was not taken into the pair's history, once."""
    lease = Lease.objects.filter(token=token, holder=person).first()
    if lease:
        _keep_once(lease.pair, person, text, why)


def _keep_once(pair: Pair, author: User, text: PairText, why: str) -> None:
    """In the history, unless it stands there already."""
    kept = KeptText.objects.filter(pair=pair, author=author, **storable(text))
    if not kept.exists():
        set_aside(pair, author, text, why)


def _is_offered(pair: Pair, text: PairText) -> bool:
    """Whether it is the raw text or a draft as it was."""
    drafts = Draft.objects.filter(pair=pair, **storable(text))
    return text == pair.text or drafts.exists()


def set_aside(pair: Pair, author: User, text: PairText, why: str) -> KeptText:
    """Keep a text that another takes the place of."""
    return KeptText.objects.create(
        pair=pair, author=author, why=why[:80], **storable(text)
    )


def replace(pair: Pair, author: User, text: PairText, why: str) -> Autosave:
    """Let a text be what the person goes on from; the one before it is kept."""
    saved, fresh = Autosave.objects.select_for_update(no_key=True).get_or_create(
        pair=pair, author=author, defaults=storable(text)
    )
    if not fresh:
        if saved.used_at is None and storable(saved.text) != storable(text):
            set_aside(pair, author, saved.text, why)
        _overwrite(saved, text, saved.tab)
    return saved


def storable(text: PairText) -> dict[str, str]:
    """PostgreSQL keeps no NUL; far beyond the limit nothing was typed by a person."""
    return {
        name: getattr(text, name).replace("\0", "\ufffd")[: 4 * MAX_FIELD_CHARS]
        for name in FIELDS
    }


def is_held(lease: Lease) -> bool:
    """Whether some tab holds the pen, and has given a sign of life."""
    if lease.tab is None or lease.tab_seen_at is None:
        return False
    return lease.tab_seen_at > timezone.now() - TAB_SILENT_AFTER


def is_elsewhere(lease: Lease, tab: UUID) -> bool:
    """Whether another tab holds the pen."""
    return lease.tab != tab and is_held(lease)


def hold_pen(lease: Lease, tab: UUID) -> None:
    """Let this tab type; OtherTab while another one does."""
    if is_elsewhere(lease, tab):
        raise OtherTab(gettext("You work on this pair in another tab."))
    lease.tab, lease.tab_seen_at = tab, timezone.now()
    lease.save(update_fields=["tab", "tab_seen_at"])


@transaction.atomic
def take_over(
    *, token: UUID, person: User, tab: UUID, text: PairText | None = None
) -> Lease:
    """Give the pen to this tab; the other one may only read from now on.

    A `text` is gone on from; what was saved before it is kept in the history.
    """
    lease = owned(token, person)
    if text:
        replace(lease.pair, person, text, "another tab's text was chosen")
    lease.tab, lease.tab_seen_at = tab, timezone.now()
    lease.save(update_fields=["tab", "tab_seen_at"])
    return lease
