"""What people say to each other about a pair."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.line_ends import as_newlines
from annotator.domain.roles import Deed
from annotator.models import Comment, Mention, Pair, User

MAX_CHARS = 5000


@transaction.atomic
def comment(*, pair: Pair, author: User, body: str) -> Comment:
    """Say something about a pair; each member named by @name will be told."""
    policies.require(author, pair.project, Deed.ANNOTATE)
    body = as_newlines(body.replace("\0", "")).strip()
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


def mark_seen(*, pair: Pair, person: User) -> None:
    """The person has read what was said to them about this pair."""
    Mention.objects.filter(comment__pair=pair, person=person, seen_at=None).update(
        seen_at=timezone.now()
    )
