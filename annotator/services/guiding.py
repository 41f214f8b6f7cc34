"""The guidelines people work by: each change is a new version."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.line_ends import as_newlines
from annotator.domain.roles import Deed
from annotator.models import Guideline, Project, User
from annotator.selectors import guidelines

MAX_CHARS = 100_000


@transaction.atomic
def write(*, project: Project, author: User, body: str) -> Guideline:
    """Make the next version; an unchanged text stays the version it is."""
    policies.require(author, project, Deed.IMPORT)
    body = as_newlines(body.replace("\0", "")).strip()
    if not body:
        raise Invalid(gettext("The guidelines are empty."))
    if len(body) > MAX_CHARS:
        raise Invalid(
            gettext("The guidelines have %(count)s characters; %(most)s are allowed.")
            % {"count": f"{len(body):,}", "most": f"{MAX_CHARS:,}"}
        )
    Project.objects.select_for_update().get(pk=project.pk)  # one writer at a time
    last = guidelines.current(project)
    if last and last.body == body:
        return last
    version = last.version + 1 if last else 1
    return Guideline.objects.create(
        project=project, version=version, body=body, author=author
    )
