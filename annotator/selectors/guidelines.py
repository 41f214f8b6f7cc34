"""The guidelines of a project, as its people read them."""

from __future__ import annotations

from annotator.models import Guideline, Project


def current(project: Project) -> Guideline | None:
    """The newest version; None while nobody has written any."""
    return project.guidelines.order_by("-version").first()
