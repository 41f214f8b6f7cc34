"""Finding pairs, and one pair with its whole history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState
from annotator.domain.steps import Step
from annotator.models import Pair, Project, Review, User
from annotator.selectors import history, pairs, vigilance
from annotator.services import parking
from annotator.web import labels
from annotator.web.choices import in_words
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.pairs import blinding, history_words, sides, tables, threads
from annotator.web.pairs.fetching import fetch_pair
from annotator.web.pairs.filters import PairFilterForm


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug)
    form = PairFilterForm(project, request.GET)
    knows = policies.may_know_coaches(request.user, project)
    # A disabled field keeps its initial value, whatever the address says.
    form.fields["coach"].disabled = form.fields["by_coach"].disabled = not knows
    blind = _blind(request.user, project)
    wanted = _seeing(form.wanted(), request.user, blind)
    page = pairs.search(project, wanted, form.after())
    found = [
        tables.FoundPair(
            pair,
            _readable(request.user, pair, standing),
            _hides(pair, standing, request.user, blind),
        )
        for pair, standing in page.rows
    ]
    rest = request.GET.copy()
    rest["after"] = str(page.after)
    context = {
        "project": project,
        "form": form,
        "rows": page.rows,
        "table": tables.pairs(project, found, knows=knows),
        "filters": in_words(form),
        "next": rest.urlencode() if page.after else "",
    }
    return screen(request, "pairs/list.html", context)


def _blind(person: User, project: Project) -> policies.Blind:
    """What the person must not see of the pairs that they could be asked to judge."""
    if not policies.can(person, project, Deed.JUDGE):
        return policies.Blind()
    return policies.Blind(project.blind_author, project.blind_arm)


def _seeing(
    wanted: pairs.PairFilter, person: User, blind: policies.Blind
) -> pairs.PairFilter:
    """A filter must not tell what the list hides: then waiting pairs stay out."""
    others = wanted.person not in ("", person.get_username())
    of_arm = (
        wanted.decision
        or wanted.step in (Step.DRAFTED, Step.UNDRAFTED)
        or {wanted.coach, wanted.by_coach} != {None}
    )
    tells = (blind.author and others) or (blind.arm and of_arm)
    return replace(wanted, leave_out=policies.WITH_QUALITY_CONTROL) if tells else wanted


def _hides(
    pair: Pair, standing: Sequence[Review], person: User, blind: policies.Blind
) -> policies.Blind:
    own = any(review.author_id == person.pk for review in standing)
    waits = pair.state in policies.WITH_QUALITY_CONTROL
    return blind if waits and not own else policies.Blind()


def _readable(user: User, pair: Pair, standing: Sequence[Review]) -> Review | None:
    """The newest review that the person may read now."""
    may = [one for one in standing
           if policies.may_read_texts(user, pair, one.author)]  # fmt: skip
    return may[-1] if may else None


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = fetch_pair(project, pk, request.user)
    knows = policies.may_know_coaches(request.user, project)
    found = history.timeline(pair)
    altered = history.altered(pair)
    shown = [entry for entry in found if _may_read(request.user, pair, entry)]
    if altered.is_any and not policies.can(request.user, project, Deed.IMPORT):
        shown = [entry for entry in shown if not _is_of_before(entry, altered.text_at)]
    entries = blinding.over(shown, pair, policies.blind_to(request.user, pair))
    context = {
        "project": project,
        "pair": pair,
        "state": labels.STATES[PairState(pair.state)],
        "excluded_for": _excluded_for(pair),
        "tags": history.tags(pair),
        "is_altered": altered.is_any,
        "comparisons": sides.comparisons(pair, entries),
        "entries": history_words.entries(
            entries, sides.numbered(entries), blind=not knows
        ),
        "hidden": len(found) - len(shown),
        "is_gold": vigilance.is_gold(pair.pk),
        "exclusion_reasons": labels.CHOSEN_EXCLUSIONS.items(),
        **threads.context(request, pair),
    }
    return screen(request, "pairs/show.html", context)


def _is_of_before(entry: history.HistoryEntry, altered_at: datetime | None) -> bool:
    """Whether it shows what rules took out: it may be personal data."""
    if entry.kind == "draft":
        return altered_at is not None and entry.at < altered_at
    return entry.kind == "rule"


def _may_read(user: User, pair: Pair, entry: history.HistoryEntry) -> bool:
    """Texts may be for their authors only; steps and comments are for all."""
    if entry.kind not in {"review", "typed"}:
        return True
    return policies.may_read_texts(user, pair, getattr(entry.row, "author", None))


def _excluded_for(pair: Pair) -> object:
    """The reason in people's words; empty for a pair that goes its way."""
    if pair.state != PairState.EXCLUDED:
        return ""
    return labels.EXCLUSIONS[ExclusionReason(pair.exclusion_reason)]


@login_required
@require_POST
def unpark(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    parking.decide(
        pair=fetch_pair(project, pk, request.user),
        actor=request.user,
        action=request.POST.get("action", ""),
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", "").replace("\0", ""),
    )
    return go_to(request, "pair", slug, pk)
