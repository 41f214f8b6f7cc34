"""The figures of one compared backbone, counted from all its drafts."""

from __future__ import annotations

from django.utils import timezone

from annotator.models import BackboneFigure, ComparedBackbone
from training.evaluation import metrics
from training.evaluation.figures import CURRENT
from training.evaluation.measuring import Measured

_COLUMNS = ("name", "side", "value", "low", "high", "unit", "n")


def store(each: ComparedBackbone, first: ComparedBackbone | None) -> None:
    """Write them down, with the differences to `first` on the same pairs; what was
    there before goes."""
    found = metrics.figures(measured(each), measured(first) if first else ())
    each.figures.all().delete()
    BackboneFigure.objects.bulk_create(
        BackboneFigure(
            backbone=each, **{name: getattr(figure, name) for name in _COLUMNS}
        )
        for figure in found
        if figure.side != CURRENT and not figure.category
    )
    each.measured_at = timezone.now()
    each.save()


def measured(each: ComparedBackbone) -> list[Measured]:
    """All its drafts beside the raw pairs and the people's texts, in their order."""
    drafts = each.drafts.select_related("pair").order_by("pair__position")
    return [
        metrics.measured(
            {
                "raw": draft.pair.raw,
                "expert": draft.pair.expert,
                "draft": {
                    "instruction": draft.instruction,
                    "input": draft.input,
                    "response": draft.response,
                },
                "problem": draft.problem,
                "parseable": draft.parseable,
                "loop": draft.loop,
                "loss": None,
                "tokens": 0,
                "category": "",
            }
        )
        for draft in drafts
    ]
