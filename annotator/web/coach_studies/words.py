"""Coach studies in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotator.domain.coach_studies import StudyKind
from annotator.models import CoachStudy
from training.evaluation.coach_studies.kinds import ALL

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SIGNS: dict[str, str] = {
    CoachStudy.State.WAITING: "queued",
    CoachStudy.State.WORKING: "training",
    CoachStudy.State.DONE: "ready",
    CoachStudy.State.FAILED: "failed",
    CoachStudy.State.CANCELLED: "cancelled",
}
"""The colour of a state's dot, among those there are."""
NAMES: dict[StudyKind, StrPromise] = {
    StudyKind.ALPHA: gettext_lazy("Alpha"),
    StudyKind.SIZE: gettext_lazy("Training-set size"),
    StudyKind.BACKBONE: gettext_lazy("Backbone"),
    StudyKind.CATEGORY: gettext_lazy("Across categories"),
    StudyKind.LANGUAGE: gettext_lazy("Across languages"),
    StudyKind.GENERATIONS: gettext_lazy("Generations"),
}
QUESTIONS: dict[StudyKind, StrPromise] = {
    StudyKind.ALPHA: gettext_lazy(
        "Which share of the pairs, those that people changed most, makes the better "
        "coach?"
    ),
    StudyKind.SIZE: gettext_lazy("How many expert revisions are enough?"),
    StudyKind.BACKBONE: gettext_lazy(
        "What does another base model gain, and what does it cost in pace and memory?"
    ),
    StudyKind.CATEGORY: gettext_lazy(
        "Does a coach that learned one category help with another one?"
    ),
    StudyKind.LANGUAGE: gettext_lazy(
        "Does a coach that learned one language help with another one?"
    ),
    StudyKind.GENERATIONS: gettext_lazy(
        "Where does it lead if coaches learn from the drafts of coaches?"
    ),
}
AXES: dict[StudyKind, StrPromise] = {
    StudyKind.ALPHA: gettext_lazy("Alpha"),
    StudyKind.SIZE: gettext_lazy("Pairs"),
    StudyKind.BACKBONE: gettext_lazy("Base model"),
    StudyKind.CATEGORY: gettext_lazy("Learned from"),
    StudyKind.LANGUAGE: gettext_lazy("Learned from"),
    StudyKind.GENERATIONS: gettext_lazy("Generation"),
}


def name(study: CoachStudy) -> str:
    return str(NAMES[study.order.kind])


def point(value: str) -> str:
    """A point of the axis as people call it."""
    return _("a mix of all") if value == ALL else value


def limits(kind: StudyKind) -> list[str]:
    """What a study of this kind does not show."""
    return [_OF_KIND[kind](), *_always()]


def _always() -> list[str]:
    return [
        _(
            "Effort saved counts the characters of a person's text that the draft "
            "spares, whatever reading it costs: it is no time, and no quality."
        ),
        _(
            "Intervals are 95 % bootstrap ones over held-out pairs and seeds together. "
            "With one seed they speak of that seed alone; with two or three they are "
            "still rough. Of many points the best one looks better than it is."
        ),
        _(
            "All coaches take the same settings. Another number of epochs or another "
            "learning rate may give another order, and so may a larger base model."
        ),
    ]


_OF_KIND = {
    StudyKind.ALPHA: lambda: _(
        "A smaller share is also a smaller training set, which takes fewer steps: what "
        "is the choice's doing and what the number's, this study does not tell apart. "
        "A study of training-set size does, with as many pairs drawn by chance."
    ),
    StudyKind.SIZE: lambda: _(
        "A larger part is gone through in more steps. The fitted law is a guess beyond "
        "the largest part: it knows nothing of pairs of another kind, and where points "
        "scatter more than the curve rises, so does its end."
    ),
    StudyKind.BACKBONE: lambda: _(
        "Base models cut texts into other tokens: nats a token are compared only where "
        "they cut alike. Pace and memory are those of this machine while nothing else "
        "of the product had it."
    ),
    StudyKind.CATEGORY: lambda: _(
        "All coaches learn from as many pairs as the smallest category has, which is "
        "fewer than a coach in use learned from. Categories are those that the pairs "
        "were imported with."
    ),
    StudyKind.LANGUAGE: lambda: _(
        "All coaches learn from as many pairs as the smallest language has, which is "
        "fewer than a coach in use learned from. Languages are told by rule, and short "
        "texts not at all."
    ),
    StudyKind.GENERATIONS: lambda: _(
        "In people's place the embedded judge accepts a draft: it knows form, not "
        "facts, and may let drift pass that a person would stop. Each generation "
        "learns from drafts alone; real coaches go on learning from people's texts."
    ),
}
