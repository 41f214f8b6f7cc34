"""Model studies of a project, and how long one would take."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.domain.model_studies import StudyOrder
from annotator.models import ModelStudy, Project
from training.models import TrainingRun
from training.selectors import first_wanted_run

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a study has to do, and about how long that took here before."""

    models: int
    """That are tuned, one for each arm and seed."""
    examples: int
    """That they learn from, all together."""
    minutes: float | None
    """None: no study of this base model has been finished here."""
    of: int = 0
    """The study that it is read off."""

    @property
    def rounded(self) -> int:
        """Whole minutes, at least one."""
        return max(1, round(self.minutes or 0))


def of_project(project: Project) -> list[ModelStudy]:
    """The newest ones."""
    found = project.model_studies.select_related("asked_by", "project")
    found = found.defer("for_raters")
    return list(found.order_by("-pk")[:SHOWN])


def waits_for(study: ModelStudy) -> TrainingRun | None:
    """The training run that a study which waits makes way for."""
    return first_wanted_run() if study.state == ModelStudy.State.WAITING else None


def estimate(order: StudyOrder, base_model: str) -> Estimate:
    """From the newest study of the same base model that was finished here.

    An answer is reckoned as long as an example that is learned.
    """
    examples = order.models * order.seen
    done = ModelStudy.objects.filter(state=ModelStudy.State.DONE, seconds__gt=0)
    for study in done.defer("for_raters").order_by("-pk")[:SHOWN]:
        if (study.order.base_model, study.order.tuning) != (base_model, order.tuning):
            continue
        items = study.document["report"]["items"]
        each = study.seconds / _work(study.done, study.order.seen, items)
        work = _work(order.models + 1, order.seen, items)
        return Estimate(
            models=order.models,
            examples=examples,
            minutes=each * work / 60,
            of=study.pk,
        )
    return Estimate(models=order.models, examples=examples, minutes=None)


def _work(models: int, seen: int, items: int) -> int:
    """Examples learned and answers given; the untuned model answers, too."""
    return max(1, (models - 1) * seen + models * items)
