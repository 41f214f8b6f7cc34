"""Every "may they?" of the app, asked by services (truth) and screens (buttons)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext

from annotator.domain.errors import NotAllowed
from annotator.domain.roles import HANDING_IN, READING, Deed, Role, may
from annotator.domain.states import PairState
from annotator.models import Membership, Pair, Project, User
from training.selectors import open_challenge


def role_of(user: User, project: Project) -> Role | None:
    """The person's role in the project; None for an outsider.

    Read once a User object, which lives as long as its request.
    """
    if user.is_superuser:
        return Role.ADMIN
    # A check is done in the role one has in the project that it is of.
    home = project.checks_of_id or project.pk
    if home not in user.roles_read:
        held = Membership.objects.filter(user=user, project=home).first()
        user.roles_read[home] = Role(held.role) if held else None
    return user.roles_read[home]


def can(user: User, project: Project, deed: Deed) -> bool:
    """Whether the person's role in the project covers the deed, and the project is
    not archived, or the deed is one that an archived project allows."""
    role = role_of(user, project)
    return role is not None and may(role, deed) and _is_open(project, deed)


def _is_open(project: Project, deed: Deed) -> bool:
    return deed in READING | HANDING_IN or not project.is_archived


def require(user: User, project: Project, deed: Deed) -> None:
    """Raise NotAllowed unless the person may."""
    if not _is_open(project, deed):
        raise NotAllowed(
            gettext(
                "%(project)s is archived, and is only read: an admin can bring it back."
            )
            % {"project": project.home}
        )
    if not can(user, project, deed):
        raise NotAllowed(
            gettext("Your role in %(project)s does not let you do this.")
            % {"project": project}
        )


def can_judge(user: User, pair: Pair) -> bool:
    """Quality control judges other people's work; their own only in a project that
    lets its leads do so."""
    if not can(user, pair.project, Deed.JUDGE):
        return False
    if may_judge_own(user, pair.project):
        return True
    return not pair.reviews.filter(author=user).exists()


def may_judge_own(user: User, project: Project) -> bool:
    """Whether a lead may judge their own reviews, as in a team of one."""
    leads = (Role.LEAD, Role.ADMIN)
    return project.home.own_judged and role_of(user, project) in leads


@dataclass(frozen=True, slots=True)
class Blind:
    """What quality control must not see of a pair while it has to judge it."""

    author: bool = False
    arm: bool = False
    """Whether there was a draft, and whose."""


WITH_QUALITY_CONTROL = (PairState.REVIEWED, PairState.IN_QUALITY)


def blind_to(user: User, pair: Pair) -> Blind:
    """What the person must not see: they may be the one who judges the pair."""
    project = pair.project
    rules = Blind(project.blind_author, project.blind_arm)
    waits = pair.state in WITH_QUALITY_CONTROL
    if rules == Blind() or not waits or not can_judge(user, pair):
        return Blind()
    return rules


def can_adjudicate(user: User, pair: Pair) -> bool:
    """Who chooses between two texts wrote neither, unless nobody else may choose."""
    if not can(user, pair.project, Deed.ADJUDICATE):
        return False
    authors = set(pair.reviews.handed_in().values_list("author", flat=True))
    if user.pk not in authors:
        return True
    may_choose = [role.value for role in Role if may(role, Deed.ADJUDICATE)]
    members = Membership.objects.filter(project=pair.project, role__in=may_choose)
    return not members.exclude(user__in=authors).exists()


def may_read_texts(user: User, pair: Pair, author: User | None) -> bool:
    """Whether the person may read what `author` wrote about the pair now.

    While two texts of a pair come about, or a lead chooses between them, each is
    for its author only: so whoever writes or chooses next is not led by it.
    """
    blind = pair.first_author_id is not None or pair.state == PairState.DISPUTED
    return not blind or author is None or author.pk == user.pk


def can_create_projects(user: User) -> bool:
    """Whoever administers one project may start another."""
    if user.is_superuser:
        return True
    return Membership.objects.filter(user=user, role=Role.ADMIN).exists()


def may_know_coaches(user: User, project: Project) -> bool:
    """Whether the person may see which coach wrote a draft.

    While a challenge is open only those who see the statistics may, and not at the
    desk: who reviews must not be led by a name.
    """
    if can(user, project, Deed.SEE_STATS):
        return True
    return open_challenge(project.scope) is None


def managed_projects(user: User) -> QuerySet[Project]:
    """Those whose people the person looks after: all, for a superuser."""
    if user.is_superuser:
        return Project.objects.all()
    return Project.objects.filter(
        memberships__user=user, memberships__role=Role.ADMIN.value
    )


def manages_people(user: User) -> bool:
    """Whether the people page is theirs to open."""
    return user.is_superuser or managed_projects(user).exists()


def looks_after(user: User, person: User) -> bool:
    """Whether the account itself is theirs to close, open and reset.

    An admin's whole say is over accounts that have roles in no other project: else the
    admin of one could get into another one by a reset.
    """
    if user.is_superuser:
        return True
    held = set(person.memberships.values_list("project", flat=True))
    mine = set(managed_projects(user).values_list("pk", flat=True))
    return bool(held) and held <= mine and not person.is_superuser
