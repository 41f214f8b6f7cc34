"""Keep what an evaluation measured: the figures and every draft behind them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from training.models import CoachVersion, Evaluation, EvaluationFigure, EvaluationSample


@transaction.atomic
def store(
    *, coach: CoachVersion, held_out_sha256: str, report: dict[str, Any]
) -> Evaluation:
    """Write down one `evaluation.json` (see training.evaluation.held_out)."""
    evaluation = Evaluation.objects.create(
        coach=coach,
        held_out_sha256=held_out_sha256,
        examples=len(report["samples"]),
        seconds=report["seconds"],
    )
    EvaluationFigure.objects.bulk_create(
        EvaluationFigure(
            evaluation=evaluation,
            name=figure["name"],
            side=figure["side"],
            value=figure["value"],
            low=figure["low"],
            high=figure["high"],
            unit=figure["unit"],
        )
        for figure in report["figures"]
    )
    EvaluationSample.objects.bulk_create(
        EvaluationSample(
            evaluation=evaluation,
            source_id=sample["source_id"],
            problem=sample["problem"],
            distance_raw=sample["distance_raw"],
            distance_draft=sample["distance_draft"],
            **sample["draft"],
        )
        for sample in report["samples"]
    )
    return evaluation
