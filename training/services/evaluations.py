"""Keep what an evaluation measured, every draft behind it, and what the gate said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.db import transaction

from training.evaluation import gate
from training.evaluation.figures import Figure
from training.evaluation.rule import Rule
from training.models import CoachVersion, Evaluation, EvaluationFigure, EvaluationSample


@transaction.atomic
def store(
    *,
    coach: CoachVersion,
    current: CoachVersion | None,
    held_out_sha256: str,
    report: dict[str, Any],
    rule: Rule,
) -> Evaluation:
    """Write down one `evaluation.json` (see training.evaluation.held_out) and let the
    gate decide on it. `current` is the coach that it was measured beside."""
    figures = [Figure.from_dict(figure) for figure in report["figures"]]
    decision = gate.decide(rule, figures)
    evaluation = Evaluation.objects.create(
        coach=coach,
        current=current,
        outcome=decision.outcome,
        reasons=decision.as_dict()["reasons"],
        rule=rule.as_dict(),
        held_out_sha256=held_out_sha256,
        examples=len(report["samples"]),
        left_out=report["left_out"],
        seconds=report["seconds"],
    )
    EvaluationFigure.objects.bulk_create(
        EvaluationFigure(evaluation=evaluation, **asdict(figure)) for figure in figures
    )
    EvaluationSample.objects.bulk_create(_samples(evaluation, report["samples"]))
    return evaluation


def _samples(
    evaluation: Evaluation, samples: list[dict[str, Any]]
) -> Iterator[EvaluationSample]:
    for sample in samples:
        values = dict(sample)
        draft = values.pop("draft")
        yield EvaluationSample(evaluation=evaluation, **draft, **values)


_SAMPLE = (
    *("source_id", "category", "raw", "expert", "distance_raw", "distance_draft"),
    *("problem", "parseable", "loop", "loss", "tokens", "mean_logprob"),
)


def samples_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The samples as the report had them: training.evaluation.metrics.recount gives
    every stored figure again."""
    found = []
    for row in evaluation.samples.order_by("pk"):
        told = {name: getattr(row, name) for name in _SAMPLE}
        told["draft"] = {
            "instruction": row.instruction,
            "input": row.input,
            "response": row.response,
        }
        found.append(told | ({"current": row.current} if row.current else {}))
    return found
