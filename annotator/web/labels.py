"""The words people read for the words in the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from annotator.domain.effort import Decision
from annotator.domain.model_studies import Dataset
from annotator.domain.roles import Role
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from revision_engine.postprocess import Problem
from training.evaluation.tuned.reporting import REFERENCE
from training.evaluation.tuned.study import BASE
from training.services.judging import Kind

if TYPE_CHECKING:
    pass

STATES = {
    PairState.IMPORTED: _("imported"),
    PairState.EXCLUDED: _("excluded"),
    PairState.QUEUED: _("waiting for a draft"),
    PairState.DRAFTING: _("being drafted"),
    PairState.READY: _("ready for review"),
    PairState.PARKED: _("skipped, waiting for a lead"),
    PairState.IN_REVIEW: _("in review"),
    PairState.DISPUTED: _("two texts, waiting for a lead"),
    PairState.REVIEWED: _("waiting for quality control"),
    PairState.IN_QUALITY: _("in quality control"),
    PairState.ACCEPTED: _("accepted"),
}
ARMS = {Arm.COACHED: _("with a draft"), Arm.CONTROL: _("without a draft")}
JUDGES = {
    Kind.EMBEDDED.value: pgettext_lazy("judge", "embedded"),
    Kind.ENDPOINT.value: pgettext_lazy("judge", "endpoint"),
}
ROLES = {
    Role.ANNOTATOR: _("annotator"),
    Role.REVIEWER: _("reviewer"),
    Role.LEAD: _("lead"),
    Role.ADMIN: _("admin"),
}
EXCLUSIONS = {
    ExclusionReason.INVALID_INPUT: _("invalid input"),
    ExclusionReason.BEYOND_EXPERTISE: _("beyond my expertise"),
    ExclusionReason.MASSIVE_WORKLOAD: _("massive workload"),
    ExclusionReason.MULTI_MODAL: _("needs an image, audio or video"),
    ExclusionReason.SAFETY: _("safety"),
    ExclusionReason.HARDLY_CHANGED: _("the coach would hardly change it"),
}
CHOSEN_EXCLUSIONS = {
    reason: label
    for reason, label in EXCLUSIONS.items()
    if reason != ExclusionReason.HARDLY_CHANGED
}
"""Those a person may give; the others are the product's own."""
ARMS_OF_MODELS = {
    Dataset.RAW: _("Raw"),
    Dataset.REVISED: _("Revised"),
    Dataset.HUMAN: _("Changed by a person"),
    Dataset.FILTERED: _("Filtered"),
    BASE: _("Untuned"),
    REFERENCE: _("References"),
}
"""What the models of a study were tuned on, and what they are compared with."""
DECISIONS = {
    Decision.ACCEPTED: _("accepted the draft as is"),
    Decision.EDITED: _("edited the draft"),
    Decision.REWRITTEN: _("mostly rewrote the draft"),
    Decision.KEPT_RAW: _("kept the raw pair"),
    Decision.WITHOUT_DRAFT: _("revised without a draft"),
    Decision.UNCHANGED: _("left the pair unchanged"),
}
PROBLEMS = {
    Problem.UNPARSEABLE: _("its answer was no pair"),
    Problem.EMPTY: _("its answer was empty"),
    Problem.CUT_OFF: _("its answer was cut off"),
    Problem.TOO_LONG: _("its answer was far too long"),
    Problem.LOOP: _("its answer repeated itself"),
    Problem.WRONG_SCRIPT: _("its answer was in another script"),
    Problem.PROMPT_ECHO: _("its answer repeated the prompt"),
    Problem.INPUT_TOO_LONG: _("the pair is too long for it"),
    Problem.FAILED: _("it failed"),
    Problem.ENGINE_DIED: _("its engine died on the pair, twice"),
    Problem.NOT_HELPFUL: _("its draft would hardly save work"),
}


def judge_name(name: str) -> str:
    """What a judge is called; one of another installation by its own name."""
    return str(JUDGES.get(name, name))
