"""Pages that a person may read and not change: they say whom to ask."""

from __future__ import annotations

from annotator import policies
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import entered
from annotator.web import whom_to_ask
from annotator.web.http import Request


def told(request: Request, project: Project, deed: Deed) -> dict[str, object]:
    """For `components/_read_only.html`; `deed`: what a change of the page takes."""
    read_only = not policies.can(request.user, project, deed)
    to_ask = entered.who_may(project, deed) if read_only else []
    return {"read_only": read_only, "to_ask": whom_to_ask.named(to_ask)}


def fetch_deed(request: Request, deed: Deed) -> Deed:
    """What a page that some may only read asks of this request."""
    return Deed.SEE_SETUP if request.method == "GET" else deed
