"""What to look at, as sentences with their numbers and where to look."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from annotator.domain.report_hints import Hint, Seen
from annotator.domain.states import PairState
from annotator.formats.tables import Cell
from annotator.models import Project

SENTENCES = {
    Hint.RETURNED: gettext_lazy(
        "%(value)s of %(of)d judged reviews were sent back, more than %(bound)s: read "
        "the reasons, and whether the guidelines say what is wanted."
    ),
    Hint.AS_DRAFTED: gettext_lazy(
        "%(value)s of %(of)d drafts were accepted exactly as they were, more than "
        "%(bound)s: the coach may be that good, or drafts are no longer read. Look at "
        "some pairs."
    ),
    Hint.KEPT_RAW: gettext_lazy(
        "People kept the raw pair for %(value)s of %(of)d drafts, more than %(bound)s: "
        "the coach changes what need not be changed."
    ),
    Hint.REWRITTEN: gettext_lazy(
        "%(value)s of %(of)d drafts were mostly rewritten, more than %(bound)s: the "
        "coach helps little there."
    ),
    Hint.UNUSABLE: gettext_lazy(
        "%(value)s of %(of)d drafts could not be used, more than %(bound)s: the raw "
        "pair stood in their place."
    ),
    Hint.LESS_WORK: gettext_lazy(
        "Only %(value)s as many reviews were submitted as in the week before "
        "(%(of)d then)."
    ),
    Hint.NO_WORK: gettext_lazy(
        "No review was submitted this week; pairs that are ready: %(count)d."
    ),
    Hint.DRIFT: gettext_lazy(
        "Drift alarms that nobody has said anything about yet: %(count)d."
    ),
    Hint.RUNS_FAILED: gettext_lazy("Training runs that failed: %(count)d."),
    Hint.ROWS_REJECTED: gettext_lazy(
        "Rows that could not be imported: %(count)d. Each says why, and can be mended."
    ),
    Hint.QUEUE_SHORT: gettext_lazy(
        "Pairs that are ready or being drafted: %(count)d, less than a day's work at "
        "this week's pace (%(limit).0f reviews a working day). Import more."
    ),
    Hint.QUALITY_BEHIND: gettext_lazy(
        "Reviews that wait for quality control: %(count)d, more than it does in two "
        "days at this week's pace (%(limit).0f)."
    ),
    Hint.PARKED: gettext_lazy(
        "Skipped pairs that wait for a lead to decide: %(count)d."
    ),
}


def sentence(project: Project, seen: Seen) -> Cell:
    """One sign in a sentence."""
    told = str(SENTENCES[Hint(seen.sign)]) % {
        "value": f"{100 * seen.value:.0f} %",
        "bound": f"{100 * seen.bound:.0f} %",
        "count": seen.value,
        "limit": seen.bound,
        "of": seen.of,
    }
    return Cell(told, href=_where(project, Hint(seen.sign)))


def _where(project: Project, sign: Hint) -> str:
    states = {
        Hint.NO_WORK: PairState.READY,
        Hint.QUEUE_SHORT: PairState.READY,
        Hint.QUALITY_BEHIND: PairState.REVIEWED,
        Hint.PARKED: PairState.PARKED,
    }
    if sign in states:
        return f"{reverse('pairs', args=[project.slug])}?state={states[sign]}"
    pages = {
        Hint.DRIFT: "drift",
        Hint.RUNS_FAILED: "coaches",
        Hint.ROWS_REJECTED: "batches",
        Hint.RETURNED: "guidelines",
    }
    return reverse(pages[sign], args=[project.slug]) if sign in pages else ""
