"""The page of the next pair, in the browser before it is asked for.

A deed names the page that the browser has; where the next hold is the one that the
page was made for, and nothing on it would be drawn otherwise now, the answer is its
top alone: what stands there changes with every deed.
"""

from __future__ import annotations

from django.utils.translation import get_language

from annotator.models import Guideline, Lease, Project

NAME = "X-Ahead"
"""The answer is this page."""
OPENED = "X-Ahead-Opened"
"""The answer is the top of this page, which the browser has."""


def name(
    lease: Lease, guideline: Guideline | None, project: Project, *, is_blind: bool
) -> str:
    """Of the page as it is drawn for this hold now."""
    drawn = (
        lease.token,
        lease.draft_id,
        guideline and guideline.pk,
        int(is_blind),
        project.skip_policy,
        project.language,
        get_language(),
    )
    return ".".join(str(part) for part in drawn)
