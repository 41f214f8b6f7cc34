"""Which of its drafts a hold goes on from, as soon as that changes."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.models import Draft, Lease
from annotator.selectors import review_desk


def go_on_from(lease: Lease, draft_id: int | None) -> None:
    """Let a locked hold stand on another of its drafts; None: on the one it has.

    Invalid if the pair has no such draft for its holder.
    """
    if draft_id is None or draft_id == lease.draft_id:
        return
    lease.draft = shown(lease, draft_id)
    lease.save(update_fields=["draft"])
    asked = review_desk.candidates_of(lease)
    asked.update(chosen_at=None)
    asked.filter(draft=draft_id).update(chosen_at=timezone.now())


def shown(lease: Lease, draft_id: int | None) -> Draft | None:
    """The draft that the person had before them; None: the one that the hold has."""
    if draft_id is None or draft_id == lease.draft_id:
        return lease.draft
    for offered in review_desk.drafts(lease):
        if offered.draft and offered.draft.pk == draft_id:
            return offered.draft
    raise Invalid(
        gettext("Draft %(draft_id)s is none of those that you have of this pair.")
        % {"draft_id": draft_id}
    )
