"""The people page: who is here, in which roles; and one person's account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.models import Membership, Project, User
from annotator.selectors import people
from annotator.services import accounts, projects, tries
from annotator.web import labels, mailing, moments
from annotator.web.http import Request, go_to, say, screen
from annotator.web.people.forms import PersonForm
from annotator.web.people.words import table


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """GET: those whom the person looks after. POST: make an account."""
    if not policies.manages_people(request.user):
        raise Http404
    mine = policies.managed_projects(request.user).order_by("name")
    form = PersonForm(mine, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _created(request, form)
        except Invalid as fault:
            form.add_error(None, str(fault))
    words = request.GET.get("q", "")[:200]
    context = {
        "words": words,
        "table": table(people.find(request.user, words)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return screen(request, "people/list.html", context, status=status)


def _created(request: Request, form: PersonForm) -> HttpResponse:
    typed = {name: form.cleaned_data[name] for name in PersonForm.base_fields}
    made = accounts.create(actor=request.user, roles=form.roles(), **typed)
    return _link(request, made, _("%(name)s has an account") % {"name": made})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def person(request: Request, pk: int) -> HttpResponse:
    """GET: roles and account. POST: one deed, named by `action`."""
    found = get_object_or_404(people.seen_by(request.user), pk=pk)
    if not policies.manages_people(request.user):
        raise Http404
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("action", ""))
        if deed is None:
            raise Invalid(_("There is no such deed."))
        return deed(request, found)
    mine = policies.managed_projects(request.user).order_by("name")
    held = dict(
        Membership.objects.filter(user=found).values_list("project__pk", "role")
    )
    context = {
        "person": found,
        "has_factor": is_mfa_enabled(found),
        "shut": _shut(found),
        "looked_after": policies.looks_after(request.user, found),
        "roles": labels.ROLES.items(),
        "projects": [(project, held.get(project.pk, "")) for project in mine],
    }
    return screen(request, "people/person.html", context)


def _set_role(request: Request, found: User) -> HttpResponse:
    pk, role = (request.POST.get(name, "") for name in ("project", "role"))
    mine = policies.managed_projects(request.user)
    project: Project = get_object_or_404(mine, pk=pk if pk.isdecimal() else 0)
    if role:
        projects.set_role(
            project=project,
            actor=request.user,
            user=found,
            role=projects.role(role),
        )
    else:
        projects.remove_member(project=project, actor=request.user, user=found)
    say(request, _("Saved: %(name)s in %(p)s.") % {"name": found, "p": project})
    if not people.seen_by(request.user).filter(pk=found.pk).exists():
        return go_to(request, "people")
    return go_to(request, "person", found.pk)


def _deactivate(request: Request, found: User) -> HttpResponse:
    left = accounts.deactivate(person=found, actor=request.user)
    freed = sum(len(each.freed) for each in left)
    said = _(
        "The account of %(name)s is closed. Pairs that wait for others now: %(n)d."
    )
    say(request, said % {"name": found, "n": freed})
    return go_to(request, "person", found.pk)


def _reactivate(request: Request, found: User) -> HttpResponse:
    accounts.reactivate(person=found, actor=request.user)
    say(request, _("The account of %(name)s is open again.") % {"name": found})
    return go_to(request, "person", found.pk)


def _forget_factor(request: Request, found: User) -> HttpResponse:
    accounts.forget_second_factor(person=found, actor=request.user)
    say(request, _("%(name)s signs in by password alone.") % {"name": found})
    return go_to(request, "person", found.pk)


def _reset(request: Request, found: User) -> HttpResponse:
    accounts.require_care(request.user, found)
    return _link(request, found, _("A new password for %(name)s") % {"name": found})


def _link(request: Request, found: User, title: str) -> HttpResponse:
    """Show, once, a link by which the person sets their password."""
    address = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(found),
            "key": default_token_generator.make_token(found),
        },
    )
    link = request.build_absolute_uri(address)
    with translation.override(found.language or translation.get_language()):
        subject = _("Your account")
        sentence = _("Your user name is %(name)s. Open this link to set a password:")
    told = mailing.send_link(
        request,
        to=found.email,
        subject=subject,
        sentence=sentence % {"name": found.username},
        link=link,
    )
    context = {"person": found, "title": title, "link": link, "told": told}
    return screen(request, "people/link.html", context)


def _open_again(request: Request, found: User) -> HttpResponse:
    tries.open_again(person=found, actor=request.user)
    say(request, _("%(name)s may try again at once.") % {"name": found.full_name})
    return go_to(request, "person", found.pk)


def _shut(found: User) -> str:
    """A sentence if too many wrong tries shut the doors to somebody, else empty."""
    seconds = tries.seconds_shut(found)
    if not seconds:
        return ""
    until = moments.clock(timezone.now() + timedelta(seconds=seconds))
    return _("Too many wrong passwords or codes: shut until %(until)s.") % {
        "until": until
    }


_DEEDS: dict[str, Callable[[Request, User], HttpResponse]] = {
    "role": _set_role,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "reset": _reset,
    "forget-factor": _forget_factor,
    "open-again": _open_again,
}
