"""The efficiency number in words and pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotator.domain.bands import LengthBand
from annotator.domain.gain import estimate
from annotator.domain.gain.estimate import Code, Gain, Lacking
from annotator.models import Project
from annotator.selectors.gain.report import GainGroup
from annotator.web import moments, numbers

BANDS = {
    LengthBand.SHORT: gettext_lazy("short (under 300 characters)"),
    LengthBand.MEDIUM: gettext_lazy("medium (300 to 999 characters)"),
    LengthBand.LONG: gettext_lazy("long (1000 to 2999 characters)"),
    LengthBand.VERY_LONG: gettext_lazy("very long (3000 characters and more)"),
}
GROUPS = {
    "person": gettext_lazy("Person"),
    "band": gettext_lazy("Length"),
    "category": gettext_lazy("Category"),
    "coach": gettext_lazy("Coach"),
    "week": gettext_lazy("Week, from Monday"),
}
STRATA = (
    gettext_lazy("person, length and category"),
    gettext_lazy("person and length"),
    gettext_lazy("person"),
)
WEEKS = (gettext_lazy("person and week"), gettext_lazy("person"))
TICKS = (0.5, 0.75, 1.0, 1.5, 2.0)
WIDTH = 300


@dataclass(frozen=True, slots=True)
class Drawn:
    """An interval as a picture: places from 0 to WIDTH, on a log scale."""

    low: float
    high: float
    value: float
    one: float
    """Where there is no gain."""


@dataclass(frozen=True, slots=True)
class GainRow:
    """A part of the work, ready to print."""

    label: object
    gain: Gain
    percent: numbers.PrintedInterval | None
    drawn: Drawn | None
    lacking: str
    link: str
    """To its pairs; empty where the list has no such filter."""


def place(ratio: float) -> float:
    """Where a ratio stands on the scale; what is beyond it stands at its end."""
    ends = math.log(TICKS[0]), math.log(TICKS[-1])
    share = (math.log(ratio) - ends[0]) / (ends[1] - ends[0])
    return round(WIDTH * min(max(share, 0.0), 1.0), 1)


def drawn(gain: Gain) -> Drawn | None:
    """The interval on the scale; None while there is none."""
    if gain.ratio is None:
        return None
    ratio = gain.ratio
    return Drawn(place(ratio.low), place(ratio.high), place(ratio.value), place(1.0))


def percent(gain: Gain) -> numbers.PrintedInterval | None:
    """How many per cent more pairs a day, with its bounds."""
    if gain.ratio is None:
        return None
    bounds = (gain.ratio.value, gain.ratio.low, gain.ratio.high)
    return numbers.PrintedInterval(*(f"{100 * (bound - 1):+.0f}" for bound in bounds))


def headline(gain: Gain, idle_seconds: int) -> str:
    """The finding in one sentence, with all that it depends on."""
    if gain.ratio is None:
        return _("Not enough data yet to say what people gain with the coach.")
    more = round(100 * (gain.ratio.value - 1))
    words = {
        Code.MORE: _("With the coach, people get %(n)d %% more pairs accepted a day:"),
        Code.LESS: _("With the coach, people get %(n)d %% fewer pairs accepted a day:"),
        Code.EVEN: _("The coach makes next to no difference (%(signed)s %%):"),
        Code.UNDECIDED: _("Not clear yet: %(signed)s %% pairs accepted a day so far;"),
    }[gain.code] % {"n": abs(more), "signed": f"{more:+d}"}
    interval = _(
        "95 %% interval %(low)s to %(high)s %%; %(pairs)s; %(people)s; idle limit "
        "%(idle)d s."
    ) % {
        "low": f"{100 * (gain.ratio.low - 1):+.0f}",
        "high": f"{100 * (gain.ratio.high - 1):+.0f}",
        "pairs": _pairs(gain.control.compared + gain.coached.compared),
        "people": _people(gain.people),
        "idle": idle_seconds,
    }
    return f"{words} {interval}"


def _pairs(count: int) -> str:
    return ngettext("%(n)d pair", "%(n)d pairs", count) % {"n": count}


def _people(count: int) -> str:
    return ngettext("%(n)d person", "%(n)d people", count) % {"n": count}


def lacking(found: Lacking | None, gain: Gain) -> str:
    """What it takes to say something, or to be sure; empty once it is enough."""
    if found is None:
        return ""
    if found.pairs is not None and found.smaller is not None:
        few = gain.control.compared <= gain.coached.compared
        which = _("without a draft") if few else _("with a draft")
        words = _("About %(pairs)s more would tell, %(n)d of them %(arm)s.")
        said = words % {
            "pairs": _pairs(found.pairs), "n": found.smaller, "arm": which,
        }  # fmt: skip
        return f"{said} {_and_people(found)}".strip()
    if found.smaller is not None:
        return _(
            "Not enough data yet: at least %(n)d settled pairs of each arm are needed, "
            "worked on by people who have both kinds."
        ) % {"n": estimate.LEAST_PAIRS}
    return _(
        "More pairs of these people would not settle it, since they differ: about "
        "%(people)s more would."
    ) % {"people": _people(found.people or 1)}


def _and_people(found: Lacking) -> str:
    if not found.people:
        return ""
    return _("At least %(people)s are needed.") % {
        "people": _people(estimate.LEAST_PEOPLE)
    }


def row(project: Project, name: str, group: GainGroup, pairs_url: str) -> GainRow:
    """One line of a table of parts."""
    return GainRow(
        label=_label(name, group),
        gain=group.gain,
        percent=percent(group.gain),
        drawn=drawn(group.gain),
        lacking=lacking(group.gain.lacking, group.gain),
        link=_link(name, group, pairs_url),
    )


def _label(name: str, group: GainGroup) -> object:
    if name == "week":
        return moments.day(date.fromisoformat(group.label))
    if name == "band" and group.label in list(LengthBand):
        return BANDS[LengthBand(group.label)]
    if name == "category" and not group.key:
        return _("none")
    return group.label


def _link(name: str, group: GainGroup, pairs_url: str) -> str:
    """The pairs list knows people and coaches."""
    if name == "person":
        return f"{pairs_url}?{urlencode({'person': group.label})}"
    if name == "coach":
        return f"{pairs_url}?{urlencode({'coach': str(group.key)})}"
    return ""
