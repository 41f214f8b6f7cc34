"""A rater's desk: one text at a time, or two, and nothing that says whose they are."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.blind_ratings import Mode
from annotator.domain.roles import Deed
from annotator.models import BlindRating
from annotator.selectors import blind_ratings
from annotator.services import rating_blind
from annotator.web import deeds, rubric
from annotator.web.http import Request, go_to, screen
from annotator.web.ratings.forms import SaidForm
from annotator.web.ratings.orders import fetch


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    return _next(request, fetch(request, slug, pk, Deed.ANNOTATE))


def _next(request: Request, rating: BlindRating) -> HttpResponse:
    """The text in hand, or the next one, or that there is none."""
    held = rating_blind.claim(rating=rating, person=request.user)
    rating.refresh_from_db(fields=["ended_at"])
    context = {
        "project": rating.project,
        "rating": rating,
        "stand": blind_ratings.stand_of(rating, request.user),
        **_undo_context(request, rating),
    }
    if held is None:
        others = blind_ratings.mine(rating.project, request.user)
        context["others"] = [each.rating for each in others]
        return screen(request, "ratings/empty.html", context, part="work")
    context |= {
        "held": held,
        "shown": blind_ratings.shown(held),
        "is_comparison": rating.mode == Mode.COMPARE,
        "is_of_report": rating.report_id is not None,
        "rubric": _rubric(rating),
        **deeds.new(),
    }
    return screen(request, "ratings/work.html", context, part="work")


def _rubric(rating: BlindRating) -> list[tuple[str, list[rubric.Tag]]]:
    """What is checked for on each side that is scored."""
    sides = ["instruction", "response"] if rating.report_id else ["response"]
    tags = rubric.criteria([])
    return [
        (str(rubric.SIDE_NAMES[side]), [tag for tag in tags if tag.side == side])
        for side in sides
    ]


def _undo_context(request: Request, rating: BlindRating) -> dict[str, object]:
    """As _undo.html asks for it."""
    newest = blind_ratings.undoable(rating, request.user)
    if newest is None:
        return {"undoable": None}
    args = [rating.project.slug, rating.pk, newest.deed]
    return {
        "undoable": newest,
        "undo_says": _("Your answer is kept."),
        "undo_url": reverse("rating-undo", args=args),
    }


@login_required
@require_POST
def answer(request: Request, slug: str, pk: int, token: UUID) -> HttpResponse:
    """Keep what was said, and show the next one."""
    rating = fetch(request, slug, pk, Deed.ANNOTATE)
    rating_blind.answer(
        rating=rating,
        token=token,
        person=request.user,
        deed=deeds.sent(request).deed,
        said=SaidForm(request.POST).said(),
    )
    return _after(request, rating)


@login_required
@require_POST
def undo(request: Request, slug: str, pk: int, deed: UUID) -> HttpResponse:
    """Take the newest answer back, to be given anew."""
    rating = fetch(request, slug, pk, Deed.ANNOTATE)
    rating_blind.undo(rating=rating, deed=deed, person=request.user)
    return _after(request, rating)


def _after(request: Request, rating: BlindRating) -> HttpResponse:
    if request.htmx:
        return deeds.done(request, _next(request, rating))
    return go_to(request, "rating", rating.project.slug, rating.pk)
