"""Model studies in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotator.domain.model_studies import Dataset, Tuning
from annotator.models import ModelStudy
from annotator.web.labels import ARMS_OF_MODELS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SIGNS: dict[str, str] = {
    ModelStudy.State.WAITING: "queued",
    ModelStudy.State.WORKING: "training",
    ModelStudy.State.DONE: "ready",
    ModelStudy.State.FAILED: "failed",
    ModelStudy.State.CANCELLED: "cancelled",
}
"""The colour of a state's dot, among those there are."""
ARM_CHOICES: dict[Dataset, StrPromise] = {
    Dataset.RAW: gettext_lazy("Raw: the pairs as they came"),
    Dataset.REVISED: gettext_lazy("Revised: the texts that were accepted"),
    Dataset.HUMAN: gettext_lazy(
        "Changed by a person: the accepted texts of pairs in which a person changed "
        "what they were shown"
    ),
    Dataset.FILTERED: gettext_lazy(
        "Filtered: raw pairs that the judge rates at the median or better, the other "
        "way to clean"
    ),
}


TUNINGS: dict[Tuning, StrPromise] = {
    Tuning.LORA: gettext_lazy("an adapter (LoRA)"),
    Tuning.FULL: gettext_lazy("all weights: slower, and much more memory"),
}


def arm(name: str) -> str:
    """An arm as people call it."""
    return str(ARMS_OF_MODELS.get(name, name))


def limits() -> list[str]:
    """What a study does not show."""
    return [
        _(
            "A base model of another size may learn otherwise: what a small one gains, "
            "a large one may have from the start."
        ),
        _(
            "The embedded judge knows the form of a text, not its facts: a wrong "
            "answer that is well laid out costs nothing. It was fitted on revisions "
            "like these, and so likes what a model copies from them."
        ),
        _(
            "Intervals are 95 % bootstrap ones over test instructions and seeds "
            "together. "
            "With one seed they speak of that seed alone; with three they are "
            "still rough."
        ),
        _(
            "All arms learn from equally many examples: a smaller arm is gone through "
            "more often. Another number of examples may give another order."
        ),
        _(
            "Longer answers win more often with most judges: compare “longer” and “WR1 "
            "at equal length” before you trust WR1."
        ),
        _(
            "Test instructions that share eight words in a row with an arm are "
            "left out; what says the same in other words is not found."
        ),
    ]
