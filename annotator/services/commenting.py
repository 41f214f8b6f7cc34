"""What people say to each other about a pair."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.line_ends import as_newlines
from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import Comment, Mention, Notice, Pair, User
from annotator.services import telling
from annotator.services.news import News
from training.examples import FIELDS

MAX_CHARS = 5000
QUOTED = 500
"""Characters of a passage that a thread keeps."""
TOLD = 200
"""Characters of a comment that a notice repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a pair a thread begins."""

    field: str = ""
    """One of `training.examples.FIELDS`; empty: the whole pair."""
    quote: str = ""
    """A passage of it."""


@transaction.atomic
def comment(
    *,
    pair: Pair,
    author: User,
    body: str,
    to: Comment | None = None,
    place: Place | None = None,
    deed: UUID | None = None,
) -> Comment:
    """Say something about a pair, or reply in a thread of it (`to`: any comment of it).

    Each member named by @name is told, and so is whoever wrote in the thread before. A
    reply to a resolved thread reopens it. A `deed` that was done before is not done
    again.

    Raises:
        NotAllowed: the author may not work in the project.
        Invalid: it has no words, or too many; or no such place is in a pair.
    """
    policies.require(author, pair.project, Deed.ANNOTATE)
    if deed and (said := Comment.objects.filter(author=author, deed=deed).first()):
        return said
    body = as_newlines(body.replace("\0", "")).strip()
    if not body:
        raise Invalid(gettext("The comment is empty."))
    if len(body) > MAX_CHARS:
        raise Invalid(
            gettext("The comment has %(count)s characters; %(most)s are allowed.")
            % {"count": f"{len(body):,}", "most": f"{MAX_CHARS:,}"}
        )
    thread = _thread(pair, to)
    where = _known(place or Place()) if thread is None else Place()
    made = Comment.objects.create(
        pair=pair,
        author=author,
        body=body,
        parent=thread,
        field=where.field,
        quote=where.quote,
        deed=deed,
    )
    named = _named(pair, author, body)
    Mention.objects.bulk_create(Mention(comment=made, person=each) for each in named)
    telling.tell(_news(made, Kind.MENTION), [person.pk for person in named])
    if thread:
        telling.tell(_news(made, Kind.REPLY), _others(thread))
        if thread.resolved_at:
            _set_resolved(thread, None)
    return made


def _thread(pair: Pair, to: Comment | None) -> Comment | None:
    """The comment that began the thread of `to`."""
    if to is None:
        return None
    if to.pair_id != pair.pk:
        raise Invalid(gettext("That comment is about another pair."))
    return to.parent or to


def _known(place: Place) -> Place:
    if place.field and place.field not in FIELDS:
        raise Invalid(
            gettext("A pair has no field %(field)r: %(fields)s.")
            % {"field": place.field, "fields": ", ".join(FIELDS)}
        )
    quote = as_newlines(place.quote.replace("\0", "")).strip()
    return Place(field=place.field, quote=quote[:QUOTED])


def _others(thread: Comment) -> list[int]:
    """Whoever wrote in it; who is named besides is told once (by the event's key)."""
    wrote = Comment.objects.filter(Q(pk=thread.pk) | Q(parent=thread))
    return list(wrote.values_list("author", flat=True))


@transaction.atomic
def resolve(*, comment: Comment, person: User, is_resolved: bool) -> Comment:
    """Close a thread, or open it again. Invalid for a reply, which has no end."""
    policies.require(person, comment.pair.project, Deed.ANNOTATE)
    if comment.parent_id:
        raise Invalid(gettext("A thread is resolved as a whole, not one reply of it."))
    if bool(comment.resolved_at) != is_resolved:
        _set_resolved(comment, person if is_resolved else None)
    return comment


def _set_resolved(thread: Comment, person: User | None) -> None:
    thread.resolved_by = person
    thread.resolved_at = timezone.now() if person else None
    thread.save(update_fields=["resolved_by", "resolved_at"])


def _news(made: Comment, kind: Kind) -> News:
    return News(
        kind=kind,
        project=made.pair.project,
        about=Notice.About.PAIR,
        number=made.pair_id,
        key=f"comment:{made.pk}",
        by=made.author,
        said={"body": made.body[:TOLD]},
    )


def _named(pair: Pair, author: User, body: str) -> list[User]:
    """Members named by @name, the longest name that fits; never the author.

    Chinese puts no space around a name, so only Latin letters and digits beside it
    make another word of it: a mail address names nobody.
    """
    if "@" not in body:
        return []
    members = User.objects.filter(memberships__project=pair.project)
    by_name = {member.username: member for member in members}
    names = sorted(by_name, key=len, reverse=True)
    either = "|".join(map(re.escape, names))
    found = set(re.findall(rf"(?<!\w)@({either})(?!\w)", body, re.ASCII))
    return [by_name[name] for name in names if name in found - {author.username}]
