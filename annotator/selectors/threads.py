"""What is said about one pair, thread by thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotator import policies
from annotator.models import Comment, Membership, Pair, User


@dataclass(frozen=True, slots=True)
class Said:
    """One comment, as the reader may see it."""

    comment: Comment
    is_nameless: bool
    """Its author's name is not for the reader now: they may have to judge, blind."""
    quote: str
    """Empty, too, where the text that it is from is not for the reader now."""


@dataclass(frozen=True, slots=True)
class CommentThread:
    """A comment and its replies, oldest first."""

    first: Said
    replies: Sequence[Said]

    @property
    def is_resolved(self) -> bool:
        return self.first.comment.resolved_at is not None


def of_pair(pair: Pair, reader: User) -> list[CommentThread]:
    """Open threads first, each group in the order they began. Two queries, and those of
    a blind judge."""
    blind = policies.blind_to(reader, pair)
    authors: set[int | None] = set()
    if blind.author:
        authors = set(pair.reviews.values_list("author", flat=True))
    found = pair.comments.select_related("author", "resolved_by").order_by("pk")
    said = [_said(pair, reader, each, each.author_id in authors) for each in found]
    threads = [
        CommentThread(
            first, [each for each in said if each.comment.parent_id == first.comment.pk]
        )
        for first in said
        if first.comment.parent_id is None
    ]
    return sorted(threads, key=lambda thread: thread.is_resolved)


def _said(
    pair: Pair,
    reader: User,
    comment: Comment,
    is_nameless: bool,  # noqa: FBT001
) -> Said:
    may_read = policies.may_read_texts(reader, pair, comment.author)
    return Said(comment, is_nameless, comment.quote if may_read else "")


def names(pair: Pair) -> list[str]:
    """User names that can be told of a comment, for completion."""
    members = Membership.objects.filter(project=pair.project.home, user__is_active=True)
    return list(
        members.order_by("user__username").values_list("user__username", flat=True)
    )
