"""A project's settings in sections: what belongs together, its unit, from when on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.forms import BoundField, Form, ModelForm
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """Fields of the form under one head, and from when on a change holds."""

    key: str
    title: StrPromise
    holds: StrPromise
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A field as a page shows it."""

    field: BoundField
    unit: StrPromise | str
    is_filled: bool = False
    """A preset has put another value in than the project has."""

    @property
    def is_wide(self) -> bool:
        return self.field.widget_type == "textarea"


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its fields; `wrong`: how many of them have an error."""

    key: str
    title: StrPromise
    holds: StrPromise
    settings: Sequence[Setting]

    @property
    def wrong(self) -> int:
        return sum(bool(setting.field.errors) for setting in self.settings)


SECTIONS = (
    SettingsSection(
        "general",
        _("General"),
        _("Holds at once. A new short name changes all addresses: old links end."),
        ("name", "slug", "description", "language"),
    ),
    SettingsSection(
        "queue",
        _("Queue"),
        _("Holds from the next pair that is drafted or handed out."),
        (
            *("control_share", "drafts_ahead", "queue_order", "quiet_below"),
            *("spare_below", "lease_minutes", "idle_seconds", "skip_policy"),
        ),
    ),
    SettingsSection(
        "quality-control",
        _("Quality control"),
        _("Holds from the next review that is submitted or opened."),
        (
            *("quality_mode", "quality_full", "quality_floor", "quality_slip"),
            *("return_days", "blind_author", "blind_arm", "own_judged"),
        ),
    ),
    SettingsSection(
        "coach",
        _("Coach and training"),
        _("Holds from the next run on; coaches that are made stay as they are."),
        (
            *("alpha", "train_from", "retrain_after", "retrain_days"),
            *("retrain_paused", "takes_over", "challenge_share", "challenge_reviews"),
            "wording",
        ),
    ),
    SettingsSection(
        "vigilance",
        _("Agreement and vigilance"),
        _("Holds from the next pair that is opened."),
        (
            *("overlap_share", "overlap_similarity", "overlap_days"),
            *("planted_share", "gold_share", "reading_floor", "signs_days"),
        ),
    ),
)
_SHARE = _("0 to 1")
_DAYS = pgettext_lazy("unit of measure", "days")
_PAIRS = pgettext_lazy("unit of measure", "pairs")
_REVIEWS = pgettext_lazy("unit of measure", "reviews")
UNITS: Mapping[str, StrPromise] = {
    "control_share": _SHARE,
    "drafts_ahead": _PAIRS,
    "lease_minutes": pgettext_lazy("unit of measure", "min"),
    "idle_seconds": pgettext_lazy("unit of measure", "s"),
    "quiet_below": _SHARE,
    "spare_below": _SHARE,
    "quality_full": _REVIEWS,
    "quality_floor": _SHARE,
    "quality_slip": _SHARE,
    "return_days": _DAYS,
    "alpha": _SHARE,
    "retrain_after": _REVIEWS,
    "retrain_days": _DAYS,
    "challenge_share": _SHARE,
    "challenge_reviews": _REVIEWS,
    "overlap_share": _SHARE,
    "overlap_similarity": _SHARE,
    "overlap_days": _DAYS,
    "planted_share": _SHARE,
    "gold_share": _SHARE,
    "reading_floor": pgettext_lazy("unit of measure", "words/s"),
    "signs_days": _DAYS,
    "minimum_pairs": _PAIRS,
    "confidence": _SHARE,
    "least_gain": _SHARE,
}


def shown(form: ModelForm, filled: Mapping[str, object]) -> list[ShownSection]:
    """Every field of the form, each in one section; one that no section names stands
    in the first, so that none is lost."""
    named = {name for section in SECTIONS for name in section.names}
    rest = [name for name in form.fields if name not in named]
    return [
        ShownSection(
            key=section.key,
            title=section.title,
            holds=section.holds,
            settings=list(
                _settings(form, [*section.names, *(rest if not place else [])], filled)
            ),
        )
        for place, section in enumerate(SECTIONS)
    ]


def _settings(
    form: ModelForm, names: Sequence[str], filled: Mapping[str, object]
) -> Iterator[Setting]:
    for name in names:
        if name in form.fields:
            yield Setting(form[name], UNITS.get(name, ""), is_filled=name in filled)


def of_gate(gate: Form) -> list[Setting]:
    """What the gate asks, with units."""
    return [Setting(gate[name], UNITS.get(name, "")) for name in gate.base_fields]
