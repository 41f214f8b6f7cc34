"""Pairs become ready without the engine: control pairs, and others while none comes."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import Arm, PairState
from annotator.models import Lease, Pair, Project, User
from annotator.selectors import queue
from annotator.services import placing
from annotator.services.workflow import move_all
from training.selectors import active_coach

FEW = 4
FIRST_DRAFTS = timedelta(minutes=2)
"""For which a team's first control pairs wait for its first draft."""


@transaction.atomic
def bring(project: Project, *, none_waits: bool = False) -> int:
    """Make control pairs ready; how many.

    Both arms move in queue order, so that neither is served earlier: it is those among
    the next pairs of the queue, as many as are to be kept ready. Where people would
    have nothing to do, since the engine is behind or away (`none_waits`, or no pair is
    ready), a few from further down come, too.
    """
    pairs = Pair.objects.filter(project=project)
    # What waits for a second person is no work for who wrote the first text.
    ready = pairs.in_state(PairState.READY).filter(first_author=None).count()
    queued = pairs.in_state(PairState.QUEUED).next_up()
    reach = max(project.drafts_ahead - ready, 0)
    near = queued.values_list("pk", "arm")[:reach]
    wanted = [pk for pk, arm in near if arm == Arm.CONTROL]
    if not wanted and (none_waits or not ready):
        controls = queued.filter(arm=Arm.CONTROL)
        wanted = list(controls.values_list("pk", flat=True)[:FEW])
    return _make_ready(project, wanted) if wanted else 0


def is_too_early(pair: Pair) -> bool:
    """Whether a control pair would be the first that a team sees of its data, while
    drafts of the others are on their way: all its first pairs would have none."""
    since = timezone.now() - pair.state_since
    if pair.arm != Arm.CONTROL or pair.opened or since > FIRST_DRAFTS:
        return False
    coached = Pair.objects.filter(project=pair.project_id, arm=Arm.COACHED)
    if coached.in_state(PairState.READY).exists():
        return False
    on_their_way = coached.in_state(PairState.QUEUED, PairState.DRAFTING).exists()
    if not on_their_way or Lease.objects.of_project(pair.project).exists():
        return False
    return active_coach(pair.project.scope) is not None


@transaction.atomic
def without_drafts(*, project: Project, person: User) -> int:
    """Let people work on where no draft comes: the next few pairs as they came in; how
    many.

    They stay in their arm. A coach that comes back drafts those that nobody has opened.
    Invalid while drafts come.
    """
    policies.require(person, project, Deed.ANNOTATE)
    if project.is_archived:
        raise Invalid(gettext("The project is archived: nothing new is dealt out."))
    if queue.drafts_come(project):
        raise Invalid(
            gettext("The coach is drafting: the next pair comes with its draft.")
        )
    queued = Pair.objects.filter(project=project).in_state(PairState.QUEUED).next_up()
    return _make_ready(project, list(queued.values_list("pk", flat=True)[:FEW]))


def _make_ready(project: Project, ids: list[int]) -> int:
    found = Pair.objects.filter(pk__in=ids).in_state(PairState.QUEUED).next_up()
    locked = list(found.locked(skip=True))
    place = placing.drawn_places(project, 1)[0]
    move_all(locked, PairState.READY, action=Action.WITHOUT_DRAFT, priority=place)
    return len(locked)
