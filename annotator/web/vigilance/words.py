"""Agreement, signs and checks as their pages print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from annotator.domain.agreement import Agreement
from annotator.domain.effort import Decision
from annotator.domain.mistakes import Kind
from annotator.domain.vigilance import SignName, WorkSign
from annotator.models import Ruling
from annotator.selectors.agreement import AgreementRow
from annotator.selectors.vigilance import MistakeKind, PersonSigns
from annotator.web import labels
from annotator.web.check_words import MISTAKES
from annotator.web.numbers import PrintedInterval

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# label, unit, what it is counted over
SIGNS = {
    SignName.FASTER: (
        gettext_lazy("Faster than reading"),
        # xgettext:no-python-format
        gettext_lazy("% of reviews"),
        gettext_lazy("reviews"),
    ),
    SignName.STAMP: (
        gettext_lazy("Drafts accepted as they were"),
        gettext_lazy("words a second, median"),
        gettext_lazy("accepted drafts"),
    ),
    SignName.LEFT: (
        gettext_lazy("Planted mistakes left"),
        # xgettext:no-python-format
        gettext_lazy("% of planted mistakes"),
        gettext_lazy("planted mistakes"),
    ),
    SignName.RETURNED: (
        gettext_lazy("Accepted drafts sent back"),
        # xgettext:no-python-format
        gettext_lazy("% of those that quality control judged"),
        gettext_lazy("judged"),
    ),
}
REASONS: dict[str, StrPromise] = dict(Ruling.Reason.choices)


@dataclass(frozen=True, slots=True)
class ShownSign:
    """One sign, ready to print."""

    label: StrPromise
    unit: StrPromise
    of: StrPromise
    n: int
    figure: PrintedInterval | None
    is_beyond: bool


def signs(found: Sequence[WorkSign]) -> list[ShownSign]:
    return [
        ShownSign(*SIGNS[one.name], one.n, _figure(one), one.is_beyond) for one in found
    ]


def _figure(sign: WorkSign) -> PrintedInterval | None:
    if sign.value is None:
        return None
    bounds = (sign.value, sign.low, sign.high)
    if sign.name == SignName.STAMP:
        return _interval(*bounds, digits=1)
    return _interval(*(None if b is None else 100 * b for b in bounds), digits=0)


def _interval(
    value: float | None, low: float | None, high: float | None, *, digits: int
) -> PrintedInterval:
    def printed(number: float | None) -> str:
        return "–" if number is None else f"{number:.{digits}f}"

    return PrintedInterval(printed(value), printed(low), printed(high))


def person(one: PersonSigns) -> dict[str, object]:
    """One line of the leads' page."""
    return {
        "name": one.person.get_username(),
        "until": one.until,
        "reviews": len(one.rows),
        "signs": signs(one.signs),
        "stands_out": one.stands_out,
        "golds": one.golds,
        "mean_gold": None if one.mean_gold is None else 100 * one.mean_gold,
    }


def kinds(found: Sequence[MistakeKind]) -> list[dict[str, object]]:
    return [
        {
            "label": MISTAKES[Kind(one.kind)],
            "answered": one.answered,
            "figure": _interval(
                100 * one.noticed / one.answered,
                100 * one.low,
                100 * one.high,
                digits=0,
            ),
        }
        for one in found
    ]


def agreement(one: Agreement, label: object) -> dict[str, object]:
    """One line of the agreement table."""
    figure = None
    if one.alpha is not None:
        figure = _interval(one.alpha, one.low, one.high, digits=2)
    return {
        "label": label,
        "pairs": one.pairs,
        "agreed": one.agreed,
        "share": 100 * one.agreed / one.pairs if one.pairs else None,
        "figure": figure,
        "has_interval": one.low is not None,
    }


def overlap(row: AgreementRow) -> dict[str, object]:
    """One pair of the agreement page's list."""
    return {
        "pair": row.pair,
        "people": (row.first, row.second),
        "decisions": (
            labels.DECISIONS[Decision(row.decision_first)],
            labels.DECISIONS[Decision(row.decision_second)],
        ),
        "similarity": 100 * row.similarity,
        "is_one_text": row.is_one_text,
        "ruling": dict(Ruling.Choice.choices).get(row.ruling, ""),
        "reason": REASONS.get(row.reason, ""),
    }
