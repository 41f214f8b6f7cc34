"""What people say to each other about a pair."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Comment, Mention, Pair, User

MAX_CHARS = 5000
NAMED = re.compile(r"(?<!\w)@([\w.+-]*\w)")


@transaction.atomic
def comment(*, pair: Pair, author: User, body: str) -> Comment:
    """Say something about a pair; each member named by @name will be told."""
    policies.require(author, pair.project, Deed.ANNOTATE)
    body = body.replace("\0", "").replace("\r\n", "\n").strip()
    if not body:
        raise Invalid("The comment is empty.")
    if len(body) > MAX_CHARS:
        raise Invalid(
            f"The comment has {len(body):,} characters; {MAX_CHARS:,} are allowed."
        )
    made = Comment.objects.create(pair=pair, author=author, body=body)
    Mention.objects.bulk_create(
        Mention(comment=made, person=person) for person in _named(pair, author, body)
    )
    return made


def _named(pair: Pair, author: User, body: str) -> list[User]:
    members = User.objects.filter(memberships__project=pair.project)
    named = members.filter(username__in=set(NAMED.findall(body)))
    return list(named.exclude(pk=author.pk).distinct())


def mark_seen(*, pair: Pair, person: User) -> None:
    """The person has read what was said to them about this pair."""
    Mention.objects.filter(comment__pair=pair, person=person, seen_at=None).update(
        seen_at=timezone.now()
    )
