"""Push a coach's adapter to a hub: a job, done by the app worker or at the terminal."""

from __future__ import annotations

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import AdapterPush, Project, User
from annotator.services.claims import Claims
from revision_engine.pulse import beating
from training.models import CoachVersion
from training.services import hubs, packing

HEARD_EVERY = 20.0
PATIENCE = 6 * 3600.0
"""Seconds that an upload may take: nothing tells how far it is."""
State = AdapterPush.State
RUNNING = (State.WAITING, State.WORKING)
CLAIMS: Claims[AdapterPush] = Claims(
    rows=AdapterPush.objects.all,
    waiting=State.WAITING,
    running=[State.WORKING],
    by="worker",
    with_rows=["project", "coach"],
    died=gettext_noop("Three workers died while they pushed it."),
    end=lambda push, why: CLAIMS.close(push, State.FAILED, why),
)


def repository_of(project: Project) -> str:
    """Where the adapters of a project go; empty where no hub is set."""
    if not settings.HUB_TOKEN:
        return ""
    named: str = settings.HUB_REPOSITORY
    return named.replace("{project}", project.slug)


@transaction.atomic
def request(
    *, project: Project, actor: User | None, coach: CoachVersion
) -> AdapterPush:
    """Ask for a push (`carry_out`); `actor` None is the terminal.

    NotAllowed, and Invalid where no hub is set, the library is missing, the coach is
    not the project's or has no weights here, or a push of it is on its way.
    """
    if actor:
        policies.require(actor, project, Deed.TRAIN)
    if coach.scope != project.scope:
        raise Invalid(gettext("This project has no such coach."))
    if coach.is_elsewhere:
        raise Invalid(
            gettext("%(coach)s is at work elsewhere: its weights are not here.")
            % {"coach": coach}
        )
    repository = repository_of(project)
    if not repository:
        raise Invalid(
            gettext(
                "No hub is set: COACHLM_HUB_REPOSITORY and COACHLM_HUB_TOKEN name it."
            )
        )
    if not hubs.is_installed():
        raise Invalid(
            gettext("What a push needs is not installed here: run ./coachlm install.")
        )
    CoachVersion.objects.select_for_update(no_key=True).get(pk=coach.pk)
    if AdapterPush.objects.filter(coach=coach, state__in=RUNNING).exists():
        raise Invalid(gettext("A push of %(coach)s is on its way.") % {"coach": coach})
    return AdapterPush.objects.create(
        project=project, coach=coach, repository=repository, asked_by=actor
    )


def newest(coach: CoachVersion) -> AdapterPush | None:
    """The last push of a coach."""
    return AdapterPush.objects.filter(coach=coach).order_by("-pk").first()


def is_running(push: AdapterPush) -> bool:
    """Whether it waits, or is on its way."""
    return push.state in RUNNING


def to_carry_out() -> list[int]:
    """Pushes that wait, or whose worker has fallen silent."""
    return CLAIMS.free()


def carry_out(push_id: int) -> None:
    """Push, unless somebody else does."""
    push = CLAIMS.begin(push_id)
    if push is None:
        return
    hub = hubs.Hub(
        repository=push.repository,
        token=settings.HUB_TOKEN,
        endpoint=settings.HUB_ENDPOINT,
        is_private=settings.HUB_PRIVATE,
    )
    with CLAIMS.speaking(push):
        _carry_out_claimed(push, hub)


def _carry_out_claimed(push: AdapterPush, hub: hubs.Hub) -> None:
    try:
        with beating(lambda: _hear(push), every=HEARD_EVERY, patience=PATIENCE):
            push.address = hubs.push(push.coach, hub)[:500]
    except (hubs.NotPushed, packing.NotPackable) as fault:
        _end(push, State.FAILED, str(fault))
    else:
        _end(push, State.DONE)


def _hear(push: AdapterPush) -> None:
    """From a thread of its own, whose connection goes with each sign."""
    is_own = connections["default"].in_atomic_block
    CLAIMS.mine(push).update(heard_at=timezone.now())
    if not is_own:
        connections.close_all()


@transaction.atomic
def _end(push: AdapterPush, state: str, problem: str = "") -> None:
    if CLAIMS.holds(push):
        CLAIMS.close(push, state, problem)
