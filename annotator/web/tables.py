"""Tables as HTML and as CSV, and charts with the table behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.template import Library
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from annotator.formats.tables import Cell, Head, Series, Table
from annotator.web.numbers import PrintedInterval
from annotator.web.punctuation import listed

register = Library()
"""For templates: `{% load tables %}`."""
BAR = (
    '{}<svg class="share" viewBox="0 0 {} 1" preserveAspectRatio="none" '
    'aria-hidden="true"><rect width="{}" height="1"/></svg>'
)


@register.filter
def thead(table: Table) -> SafeString:
    """The row of heads; nothing for a table whose rows say all."""
    if not any(head.label for head in table.heads):
        return mark_safe("")
    heads = ((_head(head, place),) for place, head in enumerate(table.heads))
    return format_html("<thead><tr>{}</tr></thead>", format_html_join("", "{}", heads))


def _head(head: Head, place: int) -> SafeString:
    if head.markup:
        return format_html(
            '<th scope="col" aria-label="{}">{}</th>', head.label, head.markup
        )
    label: str = escape(head.label)
    if head.is_unseen:
        label = format_html('<span class="unseen">{}</span>', label)
    if head.href:
        label = format_html('<a href="{}">{}</a>', head.href, label)
    if head.unit:
        label = format_html('{}<div class="unit">{}</div>', label, head.unit)
    is_number = not (head.is_text or head.is_unseen)
    return format_html('<th scope="col"{}>{}</th>', _class("number" * is_number), label)


@register.filter
def tbody(table: Table) -> SafeString:
    """The rows. Made here: a page has a thousand cells, and templates would take ten
    times as long."""
    if not table.rows:
        said = table.empty or gettext("Nothing yet.")
        return format_html(
            '<tbody><tr><td class="note" colspan="{}">{}</td></tr></tbody>',
            len(table.heads),
            said,
        )
    begins = sorted({0, *table.titles, len(table.rows)})
    groups = ((_group(table, *each),) for each in pairwise(begins))
    shown = format_html_join("", "<tbody>{}</tbody>", groups)
    return shown + _zeros(table) if table.zeros else shown


def _zeros(table: Table) -> SafeString:
    """One line for all rows without a figure; it is said which they are."""
    names = [table.rows[place][table.named_by or 0].text for place in table.zeros]
    return format_html(
        '<tbody class="zeros"><tr><td class="note" colspan="{}">{}</td></tr></tbody>',
        len(table.heads),
        gettext("None so far: %(names)s") % {"names": listed(names)},
    )


def _group(table: Table, start: int, end: int) -> SafeString:
    kept = sorted({*range(start, end)} - {*table.zeros})
    rows = format_html_join("", "{}", ((_row(table, n),) for n in kept))
    if start not in table.titles:
        return rows
    return format_html(
        '<tr><th scope="rowgroup" colspan="{}" class="group">{}</th></tr>{}',
        len(table.heads),
        table.titles[start],
        rows,
    )


def _row(table: Table, number: int) -> SafeString:
    few = bool(table.few) and table.few[number]
    look = table.looks[number] if table.looks else ""
    cells = zip(table.heads, table.rows[number], strict=True)
    told = (
        (_name(cell, few=few) if place == table.named_by else _figure(head, cell),)
        for place, (head, cell) in enumerate(cells)
    )
    return format_html(
        "<tr{}>{}</tr>",
        _class("uncertain" if few else look),
        format_html_join("", "{}", told),
    )


def _name(cell: Cell, *, few: bool) -> SafeString:
    note = format_html(' <span class="note">{}</span>', gettext("few")) if few else ""
    return format_html(
        '<th scope="row"{}>{}{}</th>', _class(cell.look), inner(cell), note
    )


def _figure(head: Head, cell: Cell) -> SafeString:
    looks = cell.look if head.is_text else f"number {cell.look}".strip()
    lang = format_html(' lang="{}" dir="auto"', escape(cell.lang)) if cell.lang else ""
    return format_html("<td{}{}>{}</td>", _class(looks), lang, inner(cell))


def _class(names: str) -> SafeString:
    return format_html(' class="{}"', names) if names else mark_safe("")


def inner(cell: Cell) -> SafeString:
    """What stands in a cell: text, link, mark, notes and bar, or its own markup.

    All but `markup` is escaped, whatever its type says.
    """
    shown = _linked(cell)
    if cell.state is not None:
        mark = f"state {cell.state}".strip()
        shown = format_html('<span class="{}">{}</span>', mark, shown)
    if cell.note:
        shown = format_html('{} <span class="unit">{}</span>', shown, escape(cell.note))
    for line in str(cell.below).splitlines():
        shown = format_html('{} <div class="unit">{}</div>', shown, line)
    if cell.whole:
        shown = format_html(BAR, shown, cell.whole, cell.value or 0)
    return mark_safe(shown)  # noqa: S308 (escaped above)


def _linked(cell: Cell) -> str:
    shown: str = conditional_escape(cell.markup) if cell.markup else escape(cell.text)
    if cell.unseen:
        shown = format_html(
            '{}<span class="unseen"> {}</span>', shown, escape(cell.unseen)
        )
    if cell.is_strong:
        shown = format_html("<strong>{}</strong>", shown)
    if cell.is_faint:
        shown = format_html('<span class="note">{}</span>', shown)
    if cell.href and cell.value:
        shown = format_html('<a href="{}">{}</a>', escape(cell.href), shown)
    return shown


def count(number: int, href: str = "") -> Cell:
    """A whole number, as sentences print it; 0 leads nowhere."""
    return Cell(str(number), href=href if number else "")


def excerpt(text: str, longest: int, lang: str = "", look: str = "") -> Cell:
    """The begin of a text."""
    return Cell(Truncator(text).chars(longest), lang=lang, look=look)


def interval(found: PrintedInterval | None, **more: Any) -> Cell:
    """A value with its bounds beneath it."""
    if found is None:
        return Cell(None, is_faint=True, **more)
    return Cell(found.value, below=f"[{found.low}, {found.high}]", **more)


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart with the table behind it."""

    key: str
    title: Any
    unit: Any
    x: Sequence[float]
    """Seconds since 1970, in UTC: begins of days or weeks; or what `over` says."""
    series: Sequence[Series]
    table: Table
    over: str = "days"
    """days, values, or doublings: numbers that are drawn by how often they double."""

    @property
    def script_id(self) -> str:
        return f"plot-{self.key}"

    def for_script(self) -> dict[str, Any]:
        """What static/js/charts.js draws."""
        return {
            "x": list(self.x),
            "unit": str(self.unit),
            "begins": str(self.table.heads[0].label),
            "series": [
                {
                    "label": str(each.label),
                    "hue": each.hue,
                    "look": each.look,
                    "digits": each.digits,
                    "values": list(each.values),
                }
                for each in self.series
            ],
        }


def as_csv(table: Table) -> tuple[list[str], list[list[Any]]]:
    """The heads with their units, and the rows with every figure in full."""
    heads = [f"{h.label} ({h.unit})" if h.unit else h.label for h in table.heads]
    return heads, [[cell.value for cell in row] for row in table.rows]
