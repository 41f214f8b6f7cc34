"""Where the pairs are that a desk without work cannot offer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.selectors.queue import Held
from annotator.web import moments
from annotator.web.punctuation import listed
from annotator.web.tables import count


def table(rows: Sequence[tuple[str, int, Cell]]) -> Table:
    """Of each place: its name, how many pairs are there, and what to know of them."""
    return Table(
        caption=_("Pairs by where they are"),
        heads=[Head("", is_text=True), Head(""), Head("", is_text=True)],
        rows=[[Cell(place), count(number), note] for place, number, note in rows],
    )


def note(text: str, href: str = "") -> Cell:
    return Cell(text, href=href, look="note")


def held(leased: Sequence[Held]) -> Cell:
    """By whom, and until when."""
    words = _("%(name)s until %(until)s")
    told = (
        words % {"name": hold.name, "until": moments.clock(hold.until)}
        for hold in leased
    )
    return note(listed(told))
