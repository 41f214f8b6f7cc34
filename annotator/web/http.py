"""What every screen needs: the project and its permissions, answers for htmx."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from annotator import policies
from annotator.domain.errors import WorkflowError
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.formats.reading import UnreadableFile
from annotator.models import Lease, Project, User
from annotator.selectors import progress
from annotator.selectors.offered import STAGES
from annotator.web import bell, navigation, stopped


class Request(HttpRequest):
    """A request of a person who is logged in, as middleware leaves it."""

    user: User
    htmx: HtmxDetails


def fetch_project(request: Request, slug: str, deed: Deed | None = None) -> Project:
    """The project, for a member whose role covers the deed.

    An outsider gets 404, so that addresses tell nothing; a member gets NotAllowed.
    """
    project = get_object_or_404(Project, slug=slug)
    if policies.role_of(request.user, project) is None:
        raise Http404
    if deed is not None:
        policies.require(request.user, project, deed)
    return project


def fetch_hold(
    request: Request, slug: str, token: UUID, stage: Stage | None = None
) -> tuple[Project, Lease]:
    """The project, and the person's hold on a pair of it or of its checks, running or
    ended; for a member whose role covers the stage.

    A token opens nothing through another project's address: 404 there, and for whoever
    has left the project that the pair is of.
    """
    deed = STAGES[stage][2] if stage else None
    project = fetch_project(request, slug, deed)
    mine = Lease.objects.of_project(project).filter(token=token, holder=request.user)
    mine = mine.select_related("pair__batch", "pair__project", "draft__coach")
    lease = get_object_or_404(mine.filter(stage=stage) if stage else mine)
    policies.require(request.user, project, STAGES[Stage(lease.stage)][2])
    return project, lease


def screen(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """A whole screen; for htmx only its named part."""
    project = context.get("project")
    context = {**context, "may": progress.capabilities(request.user, project)}
    if project and template in stopped.NEEDS:
        context["stopped"] = stopped.told(project, request.user, template)
    if not (part and request.htmx):
        context["unread"] = bell.ring(request, request.user)
    name = f"{template}#{part}" if part and request.htmx else template
    return render(request, name, context, status=status)


def go_to(request: Request, view: str, *args: Any) -> HttpResponse:
    """Send the browser on, with or without htmx."""
    address = reverse(view, args=args)
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _no_page(request: Request, answer: HttpResponse) -> HttpResponse:
    """Of an address that only takes what a form sends: a reload comes to it."""
    context = navigation.of_refusal(request)
    page = render(request, "errors/405.html", context, status=405)
    page["Allow"] = answer["Allow"]
    return page


class WorkflowErrors:
    """Middleware: a refusal becomes a sentence on the page, with its status.

    htmx gets only the notice, aimed at #notices, so that nothing typed is replaced.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if response.status_code in (409, 422):
            _name_refused(request, response)
        if response.status_code == 405 and not response.content:
            return _no_page(request, response)
        return response

    def process_exception(
        self, request: Request, error: Exception
    ) -> HttpResponse | None:
        answer = self._refusal(request, error)
        return answer and _name_refused(request, answer)

    def _refusal(self, request: Request, error: Exception) -> HttpResponse | None:
        if isinstance(error, UnreadableFile):
            status = 422
        elif isinstance(error, WorkflowError):
            status = error.status
        else:
            return None
        if request.headers.get("Accept") == "application/json":
            code = getattr(error, "code", "unreadable")
            answer = {"code": code, "detail": str(error)}
            return JsonResponse(answer, status=status)
        if not request.htmx:
            page = "errors/403.html" if status == 403 else "errors/409.html"
            context = {"message": str(error), **navigation.of_refusal(request)}
            return render(request, page, context, status=status)
        notice = {"level": "error", "text": str(error)}
        response = render(request, "components/_notice.html", notice, status=status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "beforeend"
        return response


REFUSED = "X-Deed-Refused"
"""The answer is about the deed of this token, and says why it was not done."""


def _name_refused(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    with suppress(ValueError):
        answer[REFUSED] = str(UUID(request.POST.get("deed", "")))
    return answer


def say(request: Request, sentence: str) -> None:
    """A notice on the next page."""
    messages.success(request, sentence)
