"""Telling people what concerns them: the one writer of notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain import news
from annotator.domain.errors import Invalid
from annotator.domain.news import Kind, Way
from annotator.domain.roles import Deed, Role, may
from annotator.models import Membership, Notice, Project, User
from annotator.services import hooks
from annotator.services.news import News

KEPT = timedelta(days=90)
"""After that a notice is forgotten, read or not."""


def tell(event: News, people: Iterable[int]) -> None:
    """Put the event into the inboxes of people (primary keys) who may enter its
    project. Of what may be unwanted only those hear who want it.

    A query for the hearers, one for the webhook, one to write.
    """
    tell_each([event], people)


def tell_each(events: Iterable[News], people: Iterable[int]) -> None:
    """Tell the same people, and the project's webhook, of several events of one
    project."""
    events, ids = list(events), set(people)
    if not events:
        return
    project = events[0].project.home
    hooks.queue(events, project)
    if not ids:
        return
    inside = Q(memberships__project=project) | Q(is_superuser=True)
    hearers = list(
        User.objects.filter(inside, pk__in=ids, is_active=True)
        .distinct()
        .order_by("pk")
    )
    Notice.objects.bulk_create(
        (
            Notice(
                person=person,
                project=project,
                kind=each.kind,
                about=each.about,
                number=each.number,
                by=each.by,
                said=each.said,
                key=each.key,
            )
            for each in events
            for person in hearers
            if person != each.by and news.way(person.notices, each.kind) != Way.NONE
        ),
        ignore_conflicts=True,
    )


def those_who(project: Project, deed: Deed) -> list[int]:
    """The members whose role covers the deed."""
    roles = [role.value for role in Role if may(role, deed)]
    found = Membership.objects.filter(project=project.home, role__in=roles)
    return list(found.values_list("user", flat=True))


def take_back(*keys: str) -> None:
    """The events were undone: nobody is told of them any more."""
    Notice.objects.filter(key__in=keys).delete()


def mark_read(person: User, ids: Iterable[int]) -> None:
    """The person has opened what these of their notices are about."""
    unread = Notice.objects.filter(person=person, read_at=None, pk__in=list(ids))
    unread.update(read_at=timezone.now())


def mark_all_read(person: User, *, until: int | None = None) -> int:
    """All that were there when the person looked (`until`: the newest); how many."""
    unread = Notice.objects.filter(person=person, read_at=None)
    if until is not None:
        unread = unread.filter(pk__lte=until)
    return unread.update(read_at=timezone.now())


def taken_up(person: User, pair_id: int) -> None:
    """The person has the returned pair in hand: they know."""
    Notice.objects.filter(
        person=person,
        kind=Kind.RETURNED,
        about=Notice.About.PAIR,
        number=pair_id,
        read_at=None,
    ).update(read_at=timezone.now())


def heard(person: User, pair_id: int) -> None:
    """The person has read what is said about the pair."""
    Notice.objects.filter(
        person=person,
        kind__in=[Kind.MENTION, Kind.REPLY],
        about=Notice.About.PAIR,
        number=pair_id,
        read_at=None,
    ).update(read_at=timezone.now())


def choose(*, person: User, chosen: dict[str, str]) -> None:
    """Keep how each kind shall reach the person; Invalid names an unknown kind or way.

    What is not named stays as it was.
    """
    ways = {each.value for each in Way}
    for kind, way in chosen.items():
        if kind not in set(Kind) or way not in ways:
            raise Invalid(
                gettext("%(kind)s cannot reach you as %(way)r.")
                % {"kind": kind, "way": way}
            )
        if way == Way.NONE and kind not in news.MAY_BE_NONE:
            raise Invalid(
                gettext("%(kind)s always stands in the inbox.") % {"kind": kind}
            )
    person.notices = {**person.notices, **chosen}
    person.save(update_fields=["notices"])


def forget_old() -> int:
    """Sweep: delete notices older than KEPT; how many."""
    return Notice.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
