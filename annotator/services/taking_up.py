"""Taking a review up again that nobody has judged yet: to correct it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import IllegalMove
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import AuditEvent, Lease, Pair, Review, User
from annotator.selectors import my_reviews
from annotator.selectors.undoable import SUBMITS
from annotator.services import queueing, reviewing


@transaction.atomic
def take_up(*, review: Review, person: User) -> Lease:
    """Hold the pair of one's own review again, as if the submit were just taken back.

    The review stays in the history and counts for nothing. A pair held meanwhile is
    laid down; one whose hold is this very pair goes on.

    Raises:
        NotAllowed: the person may not review in the project, or it is archived.
        IllegalMove: the review is judged, being judged, drawn for an audit, one of two
            texts of a pair, or taken back already.
    """
    project = review.pair.project
    policies.require(person, project, Deed.ANNOTATE)
    if project.is_archived:
        raise IllegalMove(
            gettext("%(project)s is archived: nothing is taken up in it.")
            % {"project": project}
        )
    queueing.lay_down(project=project, person=person)
    pair = Pair.objects.select_related("project").locked().get(pk=review.pair_id)
    mine = Review.objects.standing().filter(pair=pair, author=person)
    newest = mine.order_by("-submitted_at", "-pk").first()
    if newest is None or newest.pk != review.pk:
        raise IllegalMove(gettext("This review does not stand any more."))
    newest.pair = pair
    if not my_reviews.may_take_up(newest):
        raise IllegalMove(_why_not(newest))
    step = AuditEvent.objects.filter(
        pair=pair, actor=person, action__in=SUBMITS, undone_at=None
    ).latest("pk")
    step.undone_at = timezone.now()
    step.save(update_fields=["undone_at"])
    step.pair = pair
    return reviewing.undo(step, person)


def _why_not(review: Review) -> str:
    if review.pair.state == PairState.IN_QUALITY:
        return gettext("Quality control has the review in hand just now.")
    if review.slot is not None:
        return gettext("Two people revise this pair, and what was submitted stays.")
    if review.audit_of_id:
        return gettext("The review is kept for an audit, and stays as it is.")
    return gettext("Nobody waits for this review any more: it is judged.")
