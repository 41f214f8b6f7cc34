"""The badge of every page: what is unread, less what this very page shows."""

from __future__ import annotations

from django.http import HttpRequest

from annotator.models import Notice, User
from annotator.selectors import inbox
from annotator.services import telling


def ring(request: HttpRequest, person: User) -> str:
    """The number of unread notices, as the badge prints it; empty for none.

    A page that is opened counts as read: what it is about is marked.
    """
    waiting = inbox.unread(person)
    opened = {each.pk for each in waiting if _is_here(request, each)}
    if opened:
        telling.mark_read(person, opened)
    left = len(waiting) - len(opened)
    return f"{left}+" if len(waiting) == inbox.MOST else str(left or "")


def _is_here(request: HttpRequest, notice: Notice) -> bool:
    here = request.resolver_match
    if request.method != "GET" or here is None or here.url_name != notice.about:
        return False
    asked = (here.kwargs.get("slug"), here.kwargs.get("pk", notice.number))
    return asked == (notice.project.slug, notice.number)
