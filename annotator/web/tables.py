"""Tables of figures: the same on the page, behind a chart and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

BAR = (
    '{}<svg class="share" viewBox="0 0 {} 1" preserveAspectRatio="none" '
    'aria-hidden="true"><rect width="{}" height="1"/></svg>'
)
Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class Head:
    """One column."""

    label: Any
    unit: Any = ""
    is_text: bool = False
    """Words stand at the start of a column, numbers at its end."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, or a name."""

    value: Value
    digits: int = 0
    """After the point, where people read it; CSV has all."""
    href: str = ""
    """The rows it was counted from."""
    whole: float = 0
    """What a bar is drawn out of; 0: no bar."""

    @property
    def text(self) -> str:
        if self.value is None:
            return "–"
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:,.{self.digits}f}".replace(
            ",", "\N{NARROW NO-BREAK SPACE}"
        )

    @property
    def html(self) -> SafeString:
        """Text, link and bar. Made here: a page has a thousand cells, and templates
        would take ten times as long."""
        shown: str = conditional_escape(self.text)
        if self.href and self.value:
            shown = format_html('<a href="{}">{}</a>', self.href, shown)
        if self.whole:
            shown = format_html(BAR, shown, self.whole, self.value or 0)
        return mark_safe(shown)  # noqa: S308 (escaped above)

    @property
    def is_number(self) -> bool:
        return not isinstance(self.value, str)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under heads; the first column names the row."""

    key: str
    """Its name in addresses."""
    caption: Any
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    few: Sequence[bool] = field(default_factory=tuple)
    """Of each row: whether it rests on few reviews."""
    csv: str = ""
    """Where it is to be had as CSV."""

    @property
    def table_id(self) -> str:
        return f"table-{self.key}"

    @property
    def body(self) -> SafeString:
        """The rows as HTML, for the reason that `Cell.html` gives."""
        return format_html_join("", "{}", ((_row(*line),) for line in self.lines))

    @property
    def lines(self) -> list[tuple[bool, Sequence[Cell]]]:
        few = self.few or [False] * len(self.rows)
        return list(zip(few, self.rows, strict=True))


NUMBER = mark_safe(' class="number"')
UNCERTAIN = mark_safe(' class="uncertain"')


def _row(few: bool, row: Sequence[Cell]) -> SafeString:  # noqa: FBT001
    name, *cells = row
    note = format_html(' <span class="note">{}</span>', gettext("few")) if few else ""
    told = format_html_join(
        "",
        "<td{}>{}</td>",
        ((NUMBER if cell.is_number else "", cell.html) for cell in cells),
    )
    return format_html(
        '<tr{}><th scope="row">{}{}</th>{}</tr>',
        UNCERTAIN if few else "",
        name.text,
        note,
        told,
    )


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one row of bars, of a chart."""

    label: Any
    values: Sequence[float | None]
    hue: int
    """Which of the palette's colours (static/css/tokens.css)."""
    look: str = "line"
    """bars, line, dash or dots: never colour alone."""
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart with the table behind it."""

    key: str
    title: Any
    unit: Any
    x: Sequence[int]
    """Seconds since 1970, in UTC: begins of days or weeks."""
    series: Sequence[Series]
    table: Table

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
    heads = [_head(head) for head in table.heads]
    return heads, [[cell.value for cell in row] for row in table.rows]


def _head(head: Head) -> str:
    return f"{head.label} ({head.unit})" if head.unit else str(head.label)
