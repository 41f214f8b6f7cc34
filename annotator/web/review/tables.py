"""The table of a desk that has nothing to review."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Table
from annotator.models import Project
from annotator.selectors.queue import WhyEmpty
from annotator.web.elsewhere import held, note, table


def elsewhere(
    project: Project, why: WhyEmpty, *, kept_for_second: int, may_decide: bool
) -> Table:
    """Where the other pairs are; `may_decide`: whether skipped ones may go on."""
    rows = [
        *_on_their_way(why),
        *_kept(project, why, kept_for_second),
        *_skipped(project, why, may_decide=may_decide),
        _with_quality(project, why),
    ]
    return table(rows)


Row = tuple[str, int, Cell]


def _on_their_way(why: WhyEmpty) -> Iterator[Row]:
    in_turn = ""
    if why.queued and why.drafts_come:
        in_turn = _("the coach takes them in turn")
    soon = _("usually ready within a minute or two") if why.drafting else ""
    yield _("Waiting for a draft"), why.queued, note(in_turn)
    yield _("Being drafted"), why.drafting, note(soon)


def _kept(project: Project, why: WhyEmpty, kept_for_second: int) -> Iterator[Row]:
    if why.ready_for_others:
        kept = note(_("kept for them first"))
        yield _("Sent back to their authors"), why.ready_for_others, kept
    yield _("With other people"), len(why.leased), held(why.leased)
    if kept_for_second:
        alone = _("after %(days)s days they go on alone")
        told = note(alone % {"days": project.overlap_days})
        yield _("Revised by you, waiting for a second person"), kept_for_second, told


def _skipped(project: Project, why: WhyEmpty, *, may_decide: bool) -> Iterator[Row]:
    if why.parked:
        parked = f"{reverse('pairs', args=[project.slug])}?state=parked"
        decide = note(_("Decide") if may_decide else "", href=parked)
        yield _("Skipped, waiting for a lead"), why.parked, decide
    if why.skipped:
        others = note(_("they wait for the others"))
        yield _("Skipped by you"), why.skipped, others


def _with_quality(project: Project, why: WhyEmpty) -> Row:
    told = _("%(n)s for you to judge") % {"n": why.to_judge} if why.to_judge else ""
    to_judge = note(told, href=reverse("quality", args=[project.slug]))
    return _("Waiting for quality control"), why.waiting_quality, to_judge
