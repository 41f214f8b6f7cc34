"""Take an import out again, while nobody has touched its pairs."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import Batch, Pair, User
from annotator.models.locking import LockingQuerySet
from annotator.services import receiving

UNTOUCHED = (
    PairState.IMPORTED,
    PairState.EXCLUDED,
    PairState.QUEUED,
    PairState.DRAFTING,
    PairState.READY,
)
_MINE = "(SELECT id FROM annotator_pair WHERE batch_id = %(batch)s)"
PARTS = (
    "UPDATE annotator_pair SET draft_id = NULL WHERE batch_id = %(batch)s",
    f"DELETE FROM annotator_replacement WHERE pair_id IN {_MINE}",
    f"DELETE FROM annotator_draft WHERE pair_id IN {_MINE}",
    f"DELETE FROM annotator_offeredrevision WHERE pair_id IN {_MINE}",
    f"DELETE FROM annotator_rulechange WHERE pair_id IN {_MINE}",
    f"DELETE FROM annotator_ruleproposal WHERE pair_id IN {_MINE}",
    f"DELETE FROM annotator_pairtag WHERE pair_id IN {_MINE}",
    # What the tallies counted of it is counted anew.
    """INSERT INTO annotator_stalehour (project_id, hour)
    SELECT p.project_id, date_trunc('hour', e.at, 'UTC')
    FROM annotator_auditevent e JOIN annotator_pair p ON p.id = e.pair_id
    WHERE p.batch_id = %(batch)s
    UNION SELECT project_id, date_trunc('hour', created_at, 'UTC')
    FROM annotator_pair WHERE batch_id = %(batch)s""",
    f"DELETE FROM annotator_auditevent WHERE pair_id IN {_MINE}",
    "DELETE FROM annotator_pair WHERE batch_id = %(batch)s",
    "DELETE FROM annotator_pairtally WHERE batch_id = %(batch)s",
)
"""All that a pair which nobody has touched may have beside it, and the pair."""


@transaction.atomic
def take_out(*, batch: Batch, actor: User) -> int:
    """Delete a batch and its pairs; how many there were.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: it is still being read, or somebody has touched some of its pairs;
            nothing is deleted then.
    """
    policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().get(pk=batch.pk)
    if batch.state in (Batch.State.WAITING, Batch.State.READING):
        raise Invalid(gettext("It is still being read: cancel that first."))
    pairs = Pair.objects.filter(batch=batch)
    count = len(list(pairs.select_for_update().values_list("pk", flat=True)))
    if held := touched(pairs).count():
        raise Invalid(
            gettext(
                "%(held)s of its %(count)s pairs have been opened, decided about "
                "or passed on: nothing was taken out."
            )
            % {"held": held, "count": count}
        )
    with connection.cursor() as cursor:
        for statement in PARTS:
            cursor.execute(statement, {"batch": batch.pk})
    receiving.forget(batch)
    batch.delete()
    return count


def touched(pairs: LockingQuerySet[Pair]) -> LockingQuerySet[Pair]:
    """Those of the pairs that a person has seen, or that went out."""
    by_person = Q(events__actor__isnull=False)
    alone = Q(state__in=UNTOUCHED, opened=False, reviews=None, comments=None)
    return pairs.filter(~alone | by_person).distinct()
