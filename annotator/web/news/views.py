"""The inbox: what happened to a person's work, across projects."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.selectors import inbox
from annotator.services import mailing, notice_words, telling
from annotator.web.http import Request, go_to, say, screen
from annotator.web.news.forms import InboxForm, WaysForm


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    form = InboxForm(request.GET, person=request.user, label_suffix="")
    wanted = form.wanted()
    page = inbox.page(request.user, wanted)
    rest = {
        "kind": wanted.kind,
        "project": wanted.project,
        "unread": "on" if wanted.unread else "",
        "before": page.before,
    }
    context = {
        "form": form,
        "told": notice_words.told(request.user, page.notices),
        "newest": page.notices[0].pk if page.notices else 0,
        "is_filtered": bool(wanted.kind or wanted.project or wanted.unread),
        "next": urlencode({k: v for k, v in rest.items() if v}) if page.before else "",
    }
    return screen(request, "news/inbox.html", context)


@login_required
@require_POST
def read(request: Request) -> HttpResponse:
    """Mark all as read that stood on the page, or were older; or one of them."""
    one = request.POST.get("one", "")
    until = request.POST.get("until", "")
    if one.isdecimal():
        telling.mark_read(request.user, [int(one[:18])])
    else:
        shown = int(until[:18]) if until.isdecimal() else None
        telling.mark_all_read(request.user, until=shown)
    return go_to(request, "inbox")


@login_required
@require_http_methods(["GET", "POST"])
def choices(request: Request) -> HttpResponse:
    form = WaysForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        telling.choose(person=request.user, chosen=form.cleaned_data)
        say(request, _("Saved."))
        return go_to(request, "inbox-choices")
    status = 422 if form.errors else 200
    context = {
        "form": form,
        "has_server": mailing.is_possible(),
        "email": request.user.email,
    }
    return screen(request, "news/choices.html", context, status=status)
