"""Agreement, signs and checks as their pages print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotator.domain.agreement import Agreement
from annotator.domain.effort import Decision
from annotator.domain.mistakes import Kind
from annotator.domain.states import CheckKind
from annotator.domain.vigilance import Name, Sign
from annotator.models import Check, Ruling
from annotator.selectors.agreement import Row
from annotator.selectors.vigilance import MistakeKind, PersonSigns
from annotator.web import labels
from annotator.web.shown import Interval

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

MISTAKES = {
    Kind.NUMBER: gettext_lazy("another number"),
    Kind.UNIT: gettext_lazy("another unit"),
    Kind.NEGATION: gettext_lazy("the opposite"),
    Kind.NAME: gettext_lazy("another name"),
    Kind.DROPPED: gettext_lazy("a sentence left out"),
    Kind.REPEATED: gettext_lazy("a sentence said twice"),
}
# label, unit, what it is counted over
SIGNS = {
    Name.FASTER: (
        gettext_lazy("Faster than reading"),
        gettext_lazy("% of reviews"),
        gettext_lazy("reviews"),
    ),
    Name.STAMP: (
        gettext_lazy("Drafts accepted as they were"),
        gettext_lazy("words a second, median"),
        gettext_lazy("accepted drafts"),
    ),
    Name.LEFT: (
        gettext_lazy("Planted mistakes left"),
        gettext_lazy("% of planted mistakes"),
        gettext_lazy("planted mistakes"),
    ),
    Name.RETURNED: (
        gettext_lazy("Accepted drafts sent back"),
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
    figure: Interval | None
    is_beyond: bool


def signs(found: Sequence[Sign]) -> list[ShownSign]:
    return [
        ShownSign(*SIGNS[one.name], one.n, _figure(one), one.is_beyond) for one in found
    ]


def _figure(sign: Sign) -> Interval | None:
    if sign.value is None:
        return None
    bounds = (sign.value, sign.low, sign.high)
    if sign.name == Name.STAMP:
        return _interval(*bounds, digits=1)
    return _interval(*(None if b is None else 100 * b for b in bounds), digits=0)


def _interval(
    value: float | None, low: float | None, high: float | None, *, digits: int
) -> Interval:
    def printed(number: float | None) -> str:
        return "–" if number is None else f"{number:.{digits}f}"

    return Interval(printed(value), printed(low), printed(high))


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


def criterion(key: str) -> str:
    """A criterion with its side."""
    side = key.partition(".")[0]
    return f"{labels.SIDE_NAMES[side]}: {labels.CRITERION_WORDS[key][0]}"


def overlap(row: Row) -> dict[str, object]:
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


def told(check: Check | None) -> dict[str, object] | None:
    """The result of a check, for the person whose it is."""
    if check is None or check.review is None:
        return None
    is_planted = check.kind == CheckKind.PLANTED
    return {
        "pk": check.pk,
        "pair": check.pair_id,
        "is_planted": is_planted,
        "is_noticed": check.is_noticed,
        "outcome": check.get_outcome_display(),
        "mistake": MISTAKES[Kind(check.mistake)] if is_planted else "",
        "before": _short(check.before),
        "after": _short(check.after),
        "similarity": None if check.similarity is None else 100 * check.similarity,
        "similarity_shown": None
        if check.similarity_shown is None
        else 100 * check.similarity_shown,
        "seconds": check.review.active_seconds,
        "at": check.answered_at,
        "gold": check.source.text if not is_planted else None,
    }


SHORT = 300


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= SHORT else _("%s …") % text[:SHORT]
