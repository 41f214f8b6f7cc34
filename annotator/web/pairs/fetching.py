"""The pair that a page is about."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from annotator.models import Pair, Project, User
from annotator.selectors import pairs


def fetch_pair(project: Project, pk: int, user: User) -> Pair:
    """A pair of the project, or one of the person's own checks, which looks like it."""
    return get_object_or_404(pairs.seen_by(user, project), pk=pk)
