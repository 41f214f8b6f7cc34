"""Who was named in a comment and has not seen it yet."""

from __future__ import annotations

from django.db.models import QuerySet

from annotator.models import Mention, Project, User


def unseen(person: User, project: Project) -> QuerySet[Mention]:
    """Newest first, with the comment, its author and its pair."""
    mine = Mention.objects.filter(
        person=person, seen_at=None, comment__pair__project=project
    )
    return mine.select_related("comment__author", "comment__pair").order_by("-pk")
