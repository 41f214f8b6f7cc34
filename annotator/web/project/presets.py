"""Ways to run a project, as values for its form. They are filled in, never saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.domain.quality_sampling import QualityMode
from annotator.domain.states import QueueOrder, SkipPolicy
from annotator.models import Project
from annotator.models.projects import QUIET_BELOW
from training.starting import Start
from training.taking_over import Way

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to run a project; what it does not name stays as it is."""

    title: StrPromise
    meaning: StrPromise
    values: Mapping[str, object]


_PLAIN = {
    "queue_order": QueueOrder.IMPORTED.value,
    "quiet_below": QUIET_BELOW,
    "spare_below": 0.0,
    "overlap_share": 0.0,
    "planted_share": 0.0,
    "gold_share": 0.0,
    "blind_author": False,
    "blind_arm": False,
    "own_judged": False,
}
PRESETS: Mapping[str, Preset] = {
    "small-team": Preset(
        _("Small team"),
        _(
            "A few people who know each other: every tenth pair without a draft to "
            "measure by, quality control by how a person fares, a new coach often."
        ),
        _PLAIN
        | {
            "control_share": 0.1,
            "skip_policy": SkipPolicy.LATER.value,
            "quality_mode": QualityMode.ADAPTIVE.value,
            "quality_full": 10,
            "quality_floor": 0.1,
            "quality_slip": 0.05,
            "return_days": 7,
            "retrain_after": 200,
            "retrain_days": 1,
            "takes_over": Way.AT_ONCE.value,
        },
    ),
    "vendor": Preset(
        _("Vendor with quality control"),
        _(
            "Work that is bought: judged blind, more of it looked at, some pairs "
            "revised by two, a few checks, and a new coach on trial first."
        ),
        {
            "control_share": 0.1,
            "skip_policy": SkipPolicy.LEAD.value,
            "queue_order": QueueOrder.IMPORTED.value,
            "quiet_below": QUIET_BELOW,
            "spare_below": 0.0,
            "quality_mode": QualityMode.ADAPTIVE.value,
            "quality_full": 50,
            "quality_floor": 0.2,
            "quality_slip": 0.03,
            "return_days": 3,
            "blind_author": True,
            "blind_arm": True,
            "overlap_share": 0.05,
            "planted_share": 0.02,
            "gold_share": 0.02,
            "retrain_after": 500,
            "retrain_days": 7,
            "takes_over": Way.CHALLENGE.value,
        },
    ),
    "paper": Preset(
        _("As in the paper"),
        _(
            "CoachLM's own way: people revise pair by pair, quality control looks at "
            "every review, and a coach is trained by hand from the base model, on the "
            "30 % that were changed most."
        ),
        _PLAIN
        | {
            "control_share": 0.0,
            "quiet_below": 0.0,
            "skip_policy": SkipPolicy.LEAD.value,
            "quality_mode": QualityMode.ALL.value,
            "alpha": 0.3,
            "train_from": Start.BASE.value,
            "retrain_after": 0,
            "takes_over": Way.WAIT.value,
        },
    ),
}


def filled(name: str, project: Project) -> dict[str, object]:
    """The values of a preset that the project has otherwise; {} for a strange name."""
    preset = PRESETS.get(name)
    values = preset.values if preset else {}
    return {key: to for key, to in values.items() if getattr(project, key) != to}
