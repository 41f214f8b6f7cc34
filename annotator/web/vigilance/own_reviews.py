"""What a person handed in: searched, and taken up again."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.roles import Deed
from annotator.models import Review, Verdict
from annotator.selectors import mine, my_reviews
from annotator.selectors.my_reviews import Asked, Fate, HandedIn
from annotator.services import taking_up
from annotator.web import verdicts
from annotator.web.http import Request, fetch_project, go_to, screen

FATES = {
    Fate.WAITING: _("waiting"),
    Fate.ACCEPTED: _("accepted"),
    Fate.MENDED: _("mended and accepted"),
    Fate.RETURNED: _("sent back"),
    Fate.PASSED_OVER: _("another text stands"),
}
MARKS = {
    Fate.WAITING: "reviewed",
    Fate.ACCEPTED: "accepted",
    Fate.MENDED: "accepted",
    Fate.RETURNED: "failed",
    Fate.PASSED_OVER: "excluded",
}
"""The state whose mark stands before a fate."""
MOST = 2**62


class OwnReviewsForm(forms.Form):
    """Filters, in the address."""

    text = forms.CharField(label=_("Text"), required=False, max_length=200)
    fate = forms.ChoiceField(
        label=_("What became of it"),
        required=False,
        choices=[("", _("all")), *FATES.items()],
    )
    before = forms.IntegerField(
        required=False, min_value=1, max_value=MOST, widget=forms.HiddenInput
    )

    def asked(self) -> Asked:
        """What was asked for; a filter that means nothing is none."""
        self.is_valid()
        given = self.cleaned_data
        fate = given.get("fate")
        return Asked(
            text=given.get("text", ""),
            fate=Fate(fate) if fate else None,
            before=given.get("before") or 0,
        )


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    form = OwnReviewsForm(request.GET, label_suffix="")
    asked = form.asked()
    found, before = my_reviews.page(request.user, project, asked)
    rest = {"text": asked.text, "fate": asked.fate or "", "before": before}
    context = {
        "project": project,
        "form": form,
        "today": mine.today(request.user, project),
        "found": [_printed(each) for each in found],
        "is_filtered": bool(asked.text or asked.fate),
        "next": urlencode({k: v for k, v in rest.items() if v}) if before else "",
    }
    return screen(request, "vigilance/own_reviews.html", context)


def _printed(one: HandedIn) -> dict[str, object]:
    return {
        "review": one.review,
        "fate": FATES[one.fate],
        "mark": MARKS[one.fate],
        "verdict": one.verdict,
        "reasons": [str(Verdict.Reason(each).label) for each in one.reasons],
        "remarks": verdicts.diffs(one.remarks),
        "may_take_up": one.may_take_up,
    }


@login_required
@require_POST
def take_up(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    mine = Review.objects.handed_in().filter(author=request.user, pair__project=project)
    review = get_object_or_404(mine.select_related("pair__project"), pk=pk)
    taking_up.take_up(review=review, person=request.user)
    return go_to(request, "review", slug)
