"""The words people read for the words in the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.domain.effort import Decision
from annotator.domain.hunks import Outcome
from annotator.domain.roles import Role
from annotator.domain.rubric import CRITERIA, MOMENTS, SIDES, ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.formats.revised_rows import TRAINED_ON
from annotator.models import Candidate, Rewrite, RewriteRow
from annotator.selectors.accepted import Control
from revision_engine.postprocess import Problem
from training.causes import Cause
from training.evaluation.gate import Code
from training.selection import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

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
GATE = {
    Code.BETTER: _("It saves more effort: {seen}."),
    Code.WORSE: _("It saves less effort: {seen}."),
    Code.NOT_SURE: _("It is not sure to save more effort: {seen}."),
    Code.GAIN_TOO_SMALL: _("It saves less than the gate asks for: {seen}."),
    Code.GUARD_KEPT: _("Not worse on “{figure}”: {seen}."),
    Code.GUARD_IN_DOUBT: _("Perhaps worse on “{figure}”: {seen}."),
    Code.GUARD_BROKEN: _("Worse on “{figure}”: {seen}."),
    Code.LIMIT_KEPT: _("Within the limit of “{figure}”: {seen}."),
    Code.LIMIT_BROKEN: _("Beyond the limit of “{figure}”: {seen}."),
    Code.LIMIT_IN_DOUBT: _("Perhaps beyond the limit of “{figure}”: {seen}."),
    Code.MISSING_FIGURE: _("“{figure}” was not measured."),
    Code.TOO_FEW_PAIRS: _("There are too few held-out pairs to decide on."),
}
SELECTIONS = {
    Kind.MOST_REVISED: _("the most revised share (alpha)"),
    Kind.ALL: _("all reviews"),
    Kind.NEWEST: _("all, newer ones counting more"),
    Kind.FIXES: _("all, corrected ones counting more"),
}
CONTROLS = {
    Control.AT_ONCE: _("accepted at once"),
    Control.CORRECTED: _("accepted after it was sent back"),
    Control.FIXED: _("mended by quality control"),
    Control.UNSEEN: _("accepted unseen"),
    Control.IMPORTED: _("imported as accepted"),
}
CAUSES = {
    Cause.MEMORY: _(
        "It ran out of memory. Smaller micro_batch_tokens or max_tokens need less; "
        "so does a smaller base model."
    ),
    Cause.DISK: _("The disk is full. Make room, then train again."),
    Cause.DIVERGED: _("Training became unstable. Try a learning rate half as large."),
    Cause.BASE_MODEL: _(
        "The base model could not be found or read. Check base_model and base_revision."
    ),
    Cause.NETWORK: _(
        "The base model could not be downloaded. Check the network, or name a local "
        "folder as base_model."
    ),
    Cause.TARGETS: _(
        "The base model has no layers of these names. Set targets to all-linear."
    ),
    Cause.TOO_LONG: _(
        "All examples are longer than max_tokens. Set it higher, or choose others."
    ),
    Cause.WORKER_GONE: _(
        "The training worker was stopped or crashed. See that one runs, then train "
        "again."
    ),
    Cause.SETTING: _("A setting cannot be used. The sentence above names it."),
    Cause.PERMISSION: _(
        "The worker may not write to its folders. Give it the right to."
    ),
}
"""Likely causes of a failed run, and what to do."""
ROLES = {
    Role.ANNOTATOR: _("annotator"),
    Role.REVIEWER: _("reviewer"),
    Role.LEAD: _("lead"),
    Role.ADMIN: _("admin"),
}
FIELDS = {
    "instruction": _("Instruction"),
    "input": _("Input"),
    "response": _("Response"),
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
}
SOURCES: dict[str, StrPromise] = {
    RewriteRow.Source.COACH: _("the coach's revision"),
    RewriteRow.Source.EXPERTS: _("the experts' text, which the coach was trained on"),
    RewriteRow.Source.RAW: _("the raw pair"),
}
# The colour of a state's dot, among those there are.
REWRITE_SIGNS: dict[str, str] = {
    Rewrite.State.RUNNING: "training",
    Rewrite.State.PAUSED: "queued",
    Rewrite.State.DONE: "ready",
    Rewrite.State.CANCELLED: "cancelled",
}


def why_raw(problem: str) -> StrPromise:
    """Why a row kept its raw pair."""
    if problem == TRAINED_ON:
        return _("the coach was trained on it, and the experts' text is not here")
    return PROBLEMS[Problem(problem)]


FIGURES = {
    "effort saved": _("Effort saved"),
    "better on effort saved": _("Sure to save more effort"),
    "nearer than raw": _("Draft nearer than raw"),
    "edit distance ratio": _("Edit distance, coach to raw"),
    "edit distance": _("Edit distance to the person's text"),
    "chrF": _("chrF to the person's text"),
    "chrF of a pair": _("chrF to the person's text, mean of the pairs"),
    "ROUGE-L": _("ROUGE-L to the person's text"),
    "usable": _("Usable drafts"),
    "parseable": _("Parseable drafts"),
    "unchanged": _("Unchanged drafts"),
    "left alone": _("Good pairs left alone"),
    "loop": _("Drafts with a loop"),
    "repetition": _("Repeated word 4-grams"),
    "length ratio": _("Length, draft to person's text"),
    "held-out loss": _("Held-out loss"),
}
SHARES = {
    "parseable",
    "usable",
    "loop",
    "unchanged",
    "left alone",
    "nearer than raw",
    "effort saved",
    "repetition",
    "better on effort saved",
}
HIGHER_IS_BETTER = {
    "parseable": True,
    "usable": True,
    "left alone": True,
    "loop": False,
    "repetition": False,
    "chrF": True,
    "chrF of a pair": True,
    "ROUGE-L": True,
    "edit distance": False,
    "edit distance ratio": False,
    "nearer than raw": True,
    "effort saved": True,
    "held-out loss": False,
}
OUTCOMES = {
    Outcome.ACCEPTED: _("accepted"),
    Outcome.REJECTED: _("rejected"),
    Outcome.EDITED: _("edited"),
    Outcome.OWN: _("own change"),
}
SIDE_NAMES = {"instruction": _("Instruction"), "response": _("Response")}
MOMENT_NAMES = {"before": _("before"), "after": _("after")}
# key -> name, meaning, what to check for: shared/paper's criteria in people's words
CRITERION_WORDS = {
    "instruction.contextualization": (
        _("Contextualization"),
        _("rich context or effective prompting"),
        _("scenario, role, examples, requirements, chain of thought"),
    ),
    "instruction.feasibility": (
        _("Feasibility"),
        _("clear, specific, feasible"),
        _("ambiguity, vagueness, logical error, beyond a model's ability"),
    ),
    "instruction.readability": (
        _("Readability"),
        _("language norms"),
        _("grammar, spelling, punctuation"),
    ),
    "response.humanization": (
        _("Humanization"),
        _("warm, empathetic, fits the user"),
        _("emotional perception, humanized tone"),
    ),
    "response.richness": (
        _("Richness"),
        _("diverse, informative, creative"),
        _("depth and breadth, novelty"),
    ),
    "response.readability": (
        _("Readability"),
        _("fluent, concise, structured"),
        _("language, redundancy, structure, layout"),
    ),
    "response.comprehensiveness": (
        _("Comprehensiveness"),
        _("covers what is needed"),
        _("omissions, several angles"),
    ),
    "response.relevance": (
        _("Relevance"),
        _("on topic, effective"),
        _("irrelevance, deviation"),
    ),
    "response.correctness": (
        _("Correctness"),
        _("facts, sense, logic"),
        _("factual, common-sense, logical error, constraints, timeliness, originality"),
    ),
    "response.safety": (
        _("Safety"),
        _("harmless"),
        _("law, personal attack, privacy, reckless medical or financial advice"),
    ),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """One row of the rubric as a box to tick."""

    key: str
    side: str
    name: StrPromise
    meaning: StrPromise
    check_for: StrPromise
    most: int
    """The highest score of the side with this flaw."""
    chosen: bool


def criteria(chosen: Iterable[str]) -> list[Tag]:
    """The ten rows of the rubric."""
    ticked = set(chosen)
    return [
        Tag(c.key, c.side, *CRITERION_WORDS[c.key], c.high, c.key in ticked)
        for c in CRITERIA
    ]


def scores(typed: Mapping[str, str]) -> list[dict[str, object]]:
    """Four boxes for 0 to 100: a side before and after."""
    return [
        {
            "name": f"score.{side}.{moment}",
            "side": side,
            "label": f"{SIDE_NAMES[side]}, {MOMENT_NAMES[moment]}",
            "moment": moment,
            "value": typed.get(f"score.{side}.{moment}", ""),
        }
        for side in SIDES
        for moment in MOMENTS
    ]


def candidates(found: Sequence[Candidate]) -> dict[str, object]:
    """Candidates with the sentence for what went wrong, and whether to look again."""
    rows = []
    for candidate in found:
        problem = candidate.draft.problem if candidate.draft else ""
        rows.append(
            {
                "row": candidate,
                "problem": PROBLEMS[Problem(problem)] if problem else "",
                "writing": candidate.ended_at is None,
            }
        )
    return {
        "rows": rows,
        "writing": any(candidate.ended_at is None for candidate in found),
        "more": len(found) < Candidate.MOST,
    }
