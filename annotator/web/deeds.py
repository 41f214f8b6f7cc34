"""What a page sends with a deed, what the answer says of it, the note to undo it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotator.domain.actions import Action
from annotator.domain.line_ends import as_newlines
from annotator.models import Project
from annotator.selectors import undoable
from annotator.selectors.undoable import Desk, Undoable
from annotator.services import autosaving
from annotator.services.deeds import Sent
from annotator.web.forms import TextForm
from annotator.web.http import Request, say

DONE = "X-Deed-Done"
"""The answer acknowledges the deed of this token: only then may a page let go of it."""


def sent(request: Request) -> Sent:
    return TextForm(request.POST).sent()


def new() -> dict[str, object]:
    """The token for a plain form: a double click sends it twice."""
    return {"deed": uuid4()}


def note(request: Request) -> str:
    """What a person says to a deed, as the database can keep it."""
    return as_newlines(request.POST.get("note", "").replace("\0", ""))


def done(request: Request, answer: HttpResponse) -> HttpResponse:
    """Say in the answer that the deed which was sent is done."""
    if token := sent_token(request):
        answer[DONE] = token
    return answer


def sent_token(request: Request) -> str:
    form = TextForm(request.POST)
    form.is_valid()
    return str(form.cleaned_data.get("deed") or "")


def take_pen(request: Request, token: UUID) -> None:
    """Let this tab type, and go on from its own text if it sends one along."""
    form = TextForm(request.POST)
    form.is_valid()
    autosaving.take_over(
        token=token,
        person=request.user,
        tab=form.cleaned_data.get("tab") or uuid4(),
        text=form.text() if "response" in request.POST else None,
    )


def tell(request: Request, sentence: str) -> None:
    """A notice on the next page, where no note to undo the deed says the same."""
    if not settings.UNDO_SECONDS:
        say(request, sentence)


def undo_context(request: Request, project: Project, *desks: Desk) -> dict[str, object]:
    """What _undo.html asks for: the person's newest deed at these desks."""
    return undo_words(undoable.newest(request.user, project, *desks))


def undo_words(deed: Undoable | None) -> dict[str, object]:
    if deed is None:
        return {"undoable": None}
    if deed.action == Action.ACCEPTED_IN_BULK:
        said = ngettext(
            "%(count)d review is accepted in bulk.",
            "%(count)d reviews are accepted in bulk.",
            deed.count,
        ) % {"count": deed.count}
    else:
        said = str(SAID[deed.action]) % {"pk": deed.pair}
    return {"undoable": deed, "undo_says": said}


_submitted = _("Pair %(pk)s is submitted.")
SAID = {
    **dict.fromkeys(undoable.SUBMITS, _submitted),
    Action.EXCLUDED: _("Pair %(pk)s is excluded."),
    Action.SKIPPED: _("Pair %(pk)s is skipped."),
    Action.GIVEN_BACK: _("Pair %(pk)s is given back."),
    Action.REVIEW_GIVEN_BACK: _("The review of pair %(pk)s is given back."),
    Action.ACCEPTED: _("The review of pair %(pk)s is accepted."),
    Action.FIXED_AND_ACCEPTED: _(
        "The review of pair %(pk)s is accepted as you mended it."
    ),
    Action.SENT_BACK: _("The review of pair %(pk)s is sent back to its author."),
    Action.ADJUDICATED: _("Pair %(pk)s goes on to quality control."),
}
"""What became of a pair, by the action of the step."""
