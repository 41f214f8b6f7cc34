"""Figures of a report's document in print: a value, and its interval beneath it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head

Json = Mapping[str, Any]


def printed(value: float, digits: int, *, signed: bool = False) -> str:
    """A number; a minus as printers set it."""
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    if not float(text.replace(",", "")):
        text = text.replace("+", "±").replace("-", "±" if signed else "")
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")


def cell(
    estimate: Json, digits: int, *, scale: float = 1, signed: bool = False
) -> Cell:
    """A value with its bounds beneath it."""
    value, low, high = (scale * estimate[name] for name in ("value", "low", "high"))
    bounds = (printed(each, digits, signed=signed) for each in (low, high))
    return Cell(
        value,
        printed=printed(value, digits, signed=signed),
        below=f"[{', '.join(bounds)}]",
    )


def before_after(figure: Json, digits: int, *, scale: float = 1) -> list[Cell]:
    """Raw, revised, and the difference in heavy type where it is one for sure."""
    made = [cell(figure[side], digits, scale=scale) for side in ("raw", "revised")]
    rise = figure["difference"]
    return [*made, _rise(rise, digits, scale)]


def _rise(rise: Json, digits: int, scale: float) -> Cell:
    found = cell(rise, digits, scale=scale, signed=True)
    is_sure = rise["low"] > 0 or rise["high"] < 0
    return Cell(
        found.value, printed=found.printed, below=found.below, is_strong=is_sure
    )


def arrow(figure: Json, digits: int, *, scale: float = 1) -> str:
    """From the raw value to the revised one."""
    raw, revised = (
        printed(scale * figure[side]["value"], digits) for side in ("raw", "revised")
    )
    return f"{raw} → {revised}"


def rise(figure: Json, digits: int, *, scale: float = 1) -> str:
    """The difference with its interval, on one line."""
    found = cell(figure["difference"], digits, scale=scale, signed=True)
    return f"{found.printed} {found.below}"


def heads(first: str, unit: str = "") -> list[Head]:
    """Of a table of figures before and after."""
    return [
        Head(first, is_text=True, wide=3),
        Head(_("Raw"), unit, wide=2),
        Head(_("Revised"), unit, wide=2),
        Head(_("Difference"), _("revised less raw"), wide=2),
    ]
