"""The tables of quality control's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.bulk import BulkOutcome, Trust
from annotator.selectors.queue import WhyEmpty
from annotator.web import moments
from annotator.web.elsewhere import held, note, table
from annotator.web.numbers import per_cent
from annotator.web.tables import count, interval

Row = Mapping[str, Any]


def elsewhere(project: Project, why: WhyEmpty) -> Table:
    """Where the pairs are that nobody can judge now."""
    said = _("%(n)s for you to review") % {"n": why.to_review} if why.to_review else ""
    to_review = note(said, href=reverse("review", args=[project.slug]))
    return table(
        [
            (_("With other judges"), len(why.leased), held(why.leased)),
            (_("In review"), why.in_review, Cell("")),
            (_("Ready for review"), why.ready, to_review),
        ]
    )


def people(found: Sequence[Row]) -> Table:
    """How each person's reviews fared, and how many are looked at."""
    reviews = _("reviews")
    has_own = any(person["own"] for person in found)
    return Table(
        caption=_("People, how their reviews fared, and how many are looked at"),
        heads=[
            Head(_("Person"), is_text=True),
            Head(_("Unit"), is_text=True),
            Head(_("Judged"), reviews),
            Head(_("Passed"), reviews),
            Head(_("Mended"), reviews),
            Head(_("Sent back"), reviews),
            Head(
                _("Pass rate"),
                # xgettext:no-python-format
                _("% of judged, 95 % interval"),
            ),
            Head(
                _("Looked at now"),
                # xgettext:no-python-format
                _("% of new reviews"),
            ),
            *([Head(_("Judged by themselves"), reviews)] if has_own else []),
        ],
        rows=[
            [
                Cell(person["name"]),
                Cell(str(person["unit"] or "–")),
                count(person["judged"]),
                count(person["passed"]),
                count(person["fixed"]),
                count(person["returned"]),
                interval(person["share"]),
                Cell(person["rate"]),
                *([count(person["own"])] if has_own else []),
            ]
            for person in found
        ],
        looks=["uncertain" if person["few"] else "" for person in found],
    )


def effects(found: Sequence[Row], share: float) -> Table:
    """What each threshold would accept in bulk."""
    return Table(
        caption=_("What each threshold would accept"),
        heads=[
            Head(_("Confidence from"), is_text=True),
            Head(_("Would be accepted"), _("reviews, about")),
            Head(_("Kept for a person"), _("reviews, about")),
            Head(_("Judged so far, as sure and untouched"), _("reviews")),
            Head(
                _("Of these sent back or mended"),
                # xgettext:no-python-format
                _("%, 95 % interval"),
            ),
            Head(_("Choose"), is_text=True, is_unseen=True),
        ],
        rows=[
            [
                Cell(effect["threshold"]),
                count(effect["accepted"]),
                count(effect["audited"]),
                count(effect["judged"]),
                interval(effect["failed"]),
                _choose(effect, share),
            ]
            for effect in found
        ],
        looks=["chosen" if effect["chosen"] else "" for effect in found],
    )


def _choose(effect: Row, share: float) -> Cell:
    if effect["chosen"]:
        return Cell(_("chosen"))
    asked = urlencode({"threshold": effect["typed"], "audit_share": share})
    return Cell(_("Choose"), href=f"?{asked}", unseen=effect["threshold"])


def outcomes(found: Sequence[BulkOutcome]) -> Table:
    """Earlier bulks and how their audits came out."""
    return Table(
        caption=_("Bulk acceptances and their audits"),
        heads=[
            Head(_("When, by whom"), is_text=True),
            Head(_("Confidence from")),
            Head(_("Accepted"), _("reviews")),
            Head(_("Audited"), _("judged of those kept")),
            Head(
                _("Sent back or mended"),
                # xgettext:no-python-format
                _("%, 95 % interval"),
            ),
            Head(_("So"), is_text=True),
        ],
        rows=[_outcome(each) for each in found],
    )


SIGNS = {Trust.HOLDS: "accepted", Trust.FAILS: "failed"}


def _outcome(outcome: BulkOutcome) -> list[Cell]:
    bulk = outcome.bulk
    judged = {"judged": outcome.judged, "kept": bulk.audited}
    return [
        Cell(moments.at(bulk.at), below=str(bulk.actor)),
        Cell(f"{bulk.threshold:.2f}"),
        count(bulk.accepted),
        Cell(_("%(judged)s of %(kept)s") % judged),
        interval(per_cent(outcome.failed)),
        Cell(_says(outcome), state=SIGNS.get(outcome.trust, "")),
    ]


def _says(outcome: BulkOutcome) -> str:
    if outcome.bulk.undone_at:
        return _("taken back at once")
    match outcome.trust:
        case Trust.FAILS:
            return _("not to be trusted: its audits fail too often")
        case Trust.HOLDS:
            return _("its audits hold")
    return _("too few audits are judged to tell")
