"""What a page says while a part of the product that its work needs does not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotator import broker, policies
from annotator.domain.roles import Role
from annotator.models import Project, User
from annotator.selectors import installation, parts
from annotator.selectors.parts import SilentPart
from annotator.web.punctuation import listed

BROKER = "broker"
DRAFTS = (BROKER, "app", "engine", "beat")
TRAINING = (BROKER, "app", "training", "beat")
ALL = (BROKER, *parts.NAMES)
NEEDS: dict[str, Sequence[str]] = {
    "project/home.html": ALL,
    "project/overview.html": ALL,
    "review/empty.html": DRAFTS,
    "quality/empty.html": DRAFTS,
    "batches/list.html": DRAFTS,
    "batches/show.html": DRAFTS,
    "rewrites/list.html": DRAFTS,
    "rewrites/show.html": DRAFTS,
    "exports/list.html": (BROKER, "app", "beat"),
    "coaches/index.html": (*TRAINING, "engine"),
    "coaches/auditions.html": DRAFTS,
    "coaches/audition.html": DRAFTS,
    "coaches/backbones.html": TRAINING,
    "coaches/backbone.html": TRAINING,
    "coaches/new_run.html": TRAINING,
    "coaches/run.html": TRAINING,
    "coaches/upload.html": TRAINING,
}
"""The screens that say so, and the parts that their work needs."""
SAID = {
    BROKER: gettext_lazy(
        "The message broker cannot be reached: no drafts come, nothing is swept, "
        "no run starts."
    ),
    "app": gettext_lazy(
        "The worker for quick work does not run: no drafts are asked for or stored, "
        "nothing is swept."
    ),
    "engine": gettext_lazy("The coach's worker does not run: no drafts come."),
    "interactive": gettext_lazy(
        "The worker for candidates does not run: a coach that is asked again does not "
        "answer."
    ),
    "training": gettext_lazy("The training worker does not run: runs wait."),
    "beat": gettext_lazy(
        "The clock does not run: nothing is swept, drafted ahead or trained by itself."
    ),
}
COMMANDS = {
    BROKER: "./coachlm up",
    "beat": "./coachlm beat",
    **{name: f"./coachlm worker {name}" for name in parts.NAMES if name != "beat"},
}
"""What starts it again, where it is not under `./coachlm up`."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class StoppedLine:
    """One part that does not run."""

    says: str
    since: datetime | None
    command: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why work stands still, and what the person can do."""

    screen: str
    slug: str
    """Of the project that asks again for it."""
    lines: Sequence[StoppedLine]
    is_admin: bool
    admins: str
    """Whom to tell, by name; empty for an admin."""


def told(project: Project, person: User, screen: str) -> Stopped | None:
    """What the screen is to say; None while all runs that it needs."""
    held = installation.held()
    gone = [
        each
        for each in _gone()
        if each.name in NEEDS.get(screen, ()) and each.name not in held
    ]
    if not gone:
        return None
    is_admin = policies.role_of(person, project) == Role.ADMIN
    return Stopped(
        screen=screen,
        slug=project.slug,
        lines=[
            StoppedLine(str(SAID[each.name]), each.since, COMMANDS[each.name])
            for each in gone
        ],
        is_admin=is_admin,
        admins="" if is_admin else _admins(project),
    )


def _gone() -> Sequence[SilentPart]:
    """Without the broker no part can be heard: it alone is named."""
    broker.look()
    if broker.standing.is_out:
        return [SilentPart(BROKER, broker.standing.since)]
    return parts.silent()


def _admins(project: Project) -> str:
    found = project.memberships.filter(role=Role.ADMIN, user__is_active=True)
    names = found.order_by("user__username").values_list("user__username", flat=True)
    return listed(names[:MOST_NAMED]) or _("an admin")
