"""What all parts of the board share: figures, filters, links to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.effort import Decision
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.dashboard import Dashboard, dashboard
from annotator.selectors.tallies import Filters
from annotator.web.choices import NO_CATEGORY

FEW = 20
"""Reviews below which a row is called uncertain."""
SHARES = (
    ("as_is", Decision.ACCEPTED, 0, "line"),
    ("edited", Decision.EDITED, 1, "dash"),
    ("rewritten", Decision.REWRITTEN, 2, "dots"),
    ("kept_raw", Decision.KEPT_RAW, 3, "long"),
)
"""Of usable drafts: tally, decision, colour and look on a chart."""


@dataclass(frozen=True, slots=True)
class Board:
    """What the page and the CSV files are made of."""

    found: Dashboard
    project: Project
    filters: Filters
    query: str
    """The filters as in the address."""
    pairs: str
    """The address of the pairs page."""

    @classmethod
    def of(cls, project: Project, filters: Filters, query: str) -> Self:
        """Read the figures of this moment."""
        pairs = reverse("pairs", args=[project.slug])
        return cls(dashboard(project, filters), project, filters, query, pairs)

    def rows(self, **more: object) -> str:
        """The address of the pairs that a figure was counted from."""
        period, category = self.filters.period, self.filters.category
        asked: dict[str, object] = {
            "since": period.start,
            "until": period.end,
            "unit": self.filters.unit,
            "person": self.filters.person,
            "batch": self.filters.batch,
            "category": NO_CATEGORY if category == "" else category,
            "by_coach": self.filters.coach,
            **more,
        }
        kept = {name: value for name, value in asked.items() if value not in (None, "")}
        return f"{self.pairs}?{urlencode(kept)}"

    def days(self, begin: date, size: int) -> dict[str, object]:
        """To ask for the days of a bar, as far as they are in the period."""
        period, end = self.filters.period, begin + timedelta(days=size - 1)
        return {
            "since": max(begin, period.start or begin),
            "until": min(end, period.end or end),
        }

    def csv(self, key: str) -> str:
        address = reverse("stats-csv", args=[self.project.slug, key])
        return f"{address}?{self.query}" if self.query else address

    def table(
        self,
        *,
        key: str,
        caption: str,
        heads: Sequence[Head],
        rows: Sequence[Sequence[Cell]],
        few: Sequence[bool] = (),
        folds_zeros: bool = False,
    ) -> Table:
        """One that is to be had as CSV, too; its first column has words."""
        first, *others = heads
        return Table(
            key=key,
            caption=caption,
            heads=[replace(first, is_text=True), *others],
            rows=rows,
            few=few,
            folds_zeros=folds_zeros,
            look="measures slim" if len(heads) <= 4 else "measures",
            csv=self.csv(key),
        )

    def link(self, **more: object) -> dict[str, Any]:
        """What makes a cell lead there."""
        return {"href": self.rows(**more)}


def percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def short(decision: Decision) -> str:
    return {
        Decision.ACCEPTED: _("as is"),
        Decision.EDITED: _("edited"),
        Decision.REWRITTEN: _("mostly rewritten"),
        Decision.KEPT_RAW: _("rejected: raw pair kept"),
    }[decision]
