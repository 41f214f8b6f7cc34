"""Have coaches of several base models draft the same held-out pairs: a job, whose rows
say how far it is.

The work is one process a coach beside the training worker, so that its peak memory is
its own (training.evaluation.backbone). What an evaluation has measured on the same pair
and text is taken from there; what is drafted here becomes rows as it comes, so a worker
that dies is followed by one that drafts what is left. Training runs go first.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import (
    BackboneComparison,
    BackboneDraft,
    BackbonePair,
    ComparedBackbone,
    Project,
    User,
)
from annotator.services import (
    backbone_figures,
    fitting,
    making_way,
    snapshotting,
    studying,
    telling_of_work,
)
from annotator.services.claims import Claims
from revision_engine.adapters import AdapterMismatch, AdapterMissing
from revision_engine.types import DraftRequest
from training.evaluation import backbone as work
from training.examples import RevisionExample
from training.models import CoachVersion
from training.selectors import first_wanted_run, knowledge
from training.services import generations, launching, snapshots
from training.services.following import Lines, StepFailed, follow
from training.services.waiting import until_told

logger = logging.getLogger(__name__)
MODULE = "training.evaluation.backbone"
LEAST_PAIRS, MOST_PAIRS, USUAL_PAIRS = 5, 500, 100
PROBE = 16
"""Drafts by which the pace is measured: the same pairs for each, all at once."""
State = BackboneComparison.State
RUNNING = (State.WAITING, State.WORKING)
CLAIMS: Claims[BackboneComparison] = Claims(
    rows=BackboneComparison.objects.all,
    waiting=State.WAITING,
    running=[State.WORKING],
    by="worker",
    with_rows=["project", "asked_by"],
    died=gettext_noop(
        "Three workers died on it, one after the other, and measured nothing between."
    ),
    end=lambda comparison, why: _close(comparison, State.FAILED, why),
)


@transaction.atomic
def request(
    *,
    project: Project,
    actor: User,
    coaches: Collection[int],
    base_models: Collection[str] = (),
    pairs: int = USUAL_PAIRS,
) -> BackboneComparison:
    """Ask for a comparison; it waits for the training worker (`carry_out`).

    Raises:
        NotAllowed: the actor's role does not cover training.
        Invalid: too few or too many are named, one of them cannot be had, too few
            pairs are held out from all of them, or a comparison is open.
    """
    policies.require(actor, project, Deed.TRAIN)
    _refuse_a_second(project)
    chosen = _chosen(project, coaches, base_models)
    if not LEAST_PAIRS <= pairs <= MOST_PAIRS:
        raise Invalid(
            gettext("pairs: from %(least)d to %(most)d.")
            % {"least": LEAST_PAIRS, "most": MOST_PAIRS}
        )
    known = [each.coach for each in chosen if each.coach]
    examples = _held_out(project, known)[:pairs]
    if len(examples) < LEAST_PAIRS:
        raise Invalid(
            gettext(
                "%(count)d accepted pairs are held out from all of these; a comparison "
                "takes at least %(least)d. Accept more pairs, or leave a coach out."
            )
            % {"count": len(examples), "least": LEAST_PAIRS}
        )
    comparison = BackboneComparison.objects.create(project=project, asked_by=actor)
    for position, each in enumerate(chosen, 1):
        each.comparison, each.position = comparison, position
    rows = BackbonePair.objects.bulk_create(
        BackbonePair(comparison=comparison, position=position, raw=raw, expert=expert)
        for position, (raw, expert) in enumerate(map(_sides, examples), 1)
    )
    _take_over(project, ComparedBackbone.objects.bulk_create(chosen), rows)
    return comparison


def _refuse_a_second(project: Project) -> None:
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if locked.backbone_comparisons.filter(state__in=RUNNING).exists():
        raise Invalid(
            gettext("A comparison is on its way: wait for its end, or cancel it.")
        )


def _chosen(
    project: Project, coaches: Collection[int], base_models: Collection[str]
) -> list[ComparedBackbone]:
    few, most = BackboneComparison.FEWEST, BackboneComparison.MOST
    if not few <= len(set(coaches)) + len(set(base_models)) <= most:
        raise Invalid(
            gettext("Choose %(few)d to %(most)d coaches or base models.")
            % {"few": few, "most": most}
        )
    mine = CoachVersion.objects.filter(scope=project.scope, is_elsewhere=False)
    found = list(mine.filter(pk__in=coaches).order_by("pk"))
    if len(found) < len(set(coaches)):
        raise Invalid(
            gettext("One of these is no coach of this project that could draft here.")
        )
    try:
        for name in base_models:
            fitting.check_base_model(name)
            fitting.check_base(name)
    except ValueError as fault:
        raise Invalid(str(fault)) from None
    return [
        *(
            ComparedBackbone(
                coach=coach,
                base_model=coach.base_model,
                base_revision=coach.base_revision,
            )
            for coach in found
        ),
        *(ComparedBackbone(base_model=name) for name in sorted(set(base_models))),
    ]


def _held_out(
    project: Project, coaches: Sequence[CoachVersion]
) -> list[RevisionExample]:
    """Pairs that are kept for measuring and that none of the coaches has learned, by
    hash: the first of many are drawn ones."""
    pinned = snapshots.pinned(project.scope)
    once: dict[str, RevisionExample] = {}
    for example in snapshotting.accepted_examples(project):
        once.setdefault(example.fingerprint, example)
    aside = [key for key in sorted(once) if snapshots.is_set_aside(key, pinned)]
    known = {key for coach in coaches for key in knowledge(coach)(aside)}
    return [once[key] for key in aside if key not in known]


def _sides(example: RevisionExample) -> tuple[dict[str, str], dict[str, str]]:
    return asdict(example.raw), asdict(example.revised)


def _take_over(
    project: Project,
    backbones: Sequence[ComparedBackbone],
    pairs: Sequence[BackbonePair],
) -> None:
    """Take what evaluations have measured on the same pairs and texts."""
    coaches = [each.coach_id for each in backbones if each.coach_id]
    stored = generations.drafts_of(project.scope, coaches)
    keys = [(pair, generations.key_of(pair.raw, pair.expert)) for pair in pairs]
    BackboneDraft.objects.bulk_create(
        BackboneDraft(
            backbone=each,
            pair=pair,
            is_reused=True,
            instruction=found.draft.instruction,
            input=found.draft.input,
            response=found.draft.response,
            problem=found.problem,
            parseable=found.parseable,
            loop=found.loop,
        )
        for each in backbones
        for pair, key in keys
        if each.coach_id and (found := stored[each.coach_id].get(key))
    )


def to_carry_out() -> list[int]:
    """Comparisons that wait, or whose worker has fallen silent; none while training, a
    model study or another comparison has the machine: messages would pile up."""
    if making_way.is_taken() or studying.is_working() or is_working():
        return []
    return CLAIMS.free()


def is_working() -> bool:
    """Whether a comparison has a worker that is not silent."""
    return making_way.is_working(CLAIMS)


def carry_out(comparison_id: int) -> None:
    """Do what is left of a comparison, unless somebody else does, it is cancelled, or a
    training run has the machine."""
    if making_way.is_taken():
        return
    comparison = CLAIMS.begin(comparison_id)
    if comparison is None:
        return
    folder = _folder_of(comparison)
    try:
        making_way.attempt(
            CLAIMS, comparison, _steps, lambda job, why: _end(job, State.FAILED, why)
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder_of(comparison: BackboneComparison) -> Path:
    return Path(settings.RUNS_FOLDER) / f"backbones-{comparison.pk}"


def _steps(comparison: BackboneComparison) -> None:
    for each in comparison.backbones.select_related("coach"):
        if not each.measured_at and not each.problem:
            each.comparison = comparison
            _one(comparison, each, _folder_of(comparison) / str(each.position))
    until_told(lambda: _finish(comparison))


def _one(comparison: BackboneComparison, each: ComparedBackbone, folder: Path) -> None:
    """Measure one of them; what it cannot do is its own problem, and no other's."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if each.coach:
            launching.brought(each.coach)
        _lay_down(each, folder)
        command = [MODULE, str(folder), "--backend", settings.REVISION_BACKEND]
        follow(folder, command, lambda lines: _hear(comparison, each, lines))
    except (StepFailed, AdapterMismatch, AdapterMissing) as fault:
        why = str(fault)
        until_told(lambda: _store_problem(comparison, each, why))
    else:
        until_told(lambda: _store_figures(comparison, each))


def _lay_down(each: ComparedBackbone, folder: Path) -> None:
    language = each.comparison.project.language
    requests = [
        DraftRequest(key=str(pair.pk), text=pair.text, language=language)
        for pair in each.comparison.pairs.all()
    ]
    there = {str(pk) for pk in each.drafts.values_list("pair", flat=True)}
    probe = [] if each.seconds else requests[:PROBE]
    left = [request for request in requests if request.key not in there]
    todo = [request for request in left if request not in probe]
    work.lay_down(folder, each.ref, Path(settings.COACH_STORE), probe, todo)


def _hear(comparison: BackboneComparison, each: ComparedBackbone, lines: Lines) -> None:
    """Store what has come, and stop the process if it may not go on."""
    if not until_told(lambda: _store(comparison, each, lines)):
        raise making_way.Lost
    if until_told(first_wanted_run):
        raise making_way.MakesWay


@transaction.atomic
def _store(
    comparison: BackboneComparison, each: ComparedBackbone, lines: Lines
) -> bool:
    """Say that the worker lives; whether the comparison is still its own."""
    if not CLAIMS.mine(comparison).update(heard_at=timezone.now()):
        return False
    drafts = [_draft(each, line) for line in lines if line["kind"] == "draft"]
    BackboneDraft.objects.bulk_create(drafts, ignore_conflicts=True)
    for line in lines:
        if line["kind"] == "speed":
            each.timed, each.tokens = line["drafts"], line["tokens"]
            each.seconds, each.memory = line["seconds"], line["memory"]
            each.device = line["device"]
            each.save()
    return True


def _draft(each: ComparedBackbone, line: dict[str, Any]) -> BackboneDraft:
    told = {name: line[name] for name in ("problem", "parseable", "loop")}
    return BackboneDraft(
        backbone=each, pair_id=int(line["key"]), **line["text"], **told
    )


@transaction.atomic
def _store_problem(
    comparison: BackboneComparison, each: ComparedBackbone, why: str
) -> None:
    if CLAIMS.holds(comparison):
        logger.warning("%s cannot be measured: %s", each, why)
        each.problem = why
        each.save()


@transaction.atomic
def _store_figures(comparison: BackboneComparison, each: ComparedBackbone) -> None:
    """Count the figures, and the differences to the first that was measured."""
    if not CLAIMS.holds(comparison):
        return
    whole = comparison.backbones.exclude(measured_at=None).select_related("coach")
    backbone_figures.store(each, whole.first())
    CLAIMS.mine(comparison).update(tries=0)
    comparison.tries = 0


def _finish(comparison: BackboneComparison) -> None:
    """Done if any of them could be measured; else failed, with the first's problem."""
    if comparison.backbones.exclude(measured_at=None).exists():
        _end(comparison, State.DONE)
    else:
        first = comparison.backbones.first()
        _end(comparison, State.FAILED, first.problem if first else "")


@transaction.atomic
def _end(comparison: BackboneComparison, state: str, why: str = "") -> None:
    if CLAIMS.holds(comparison):
        _close(comparison, state, why)


def _close(comparison: BackboneComparison, state: str, why: str) -> None:
    CLAIMS.close(comparison, state, why)
    telling_of_work.backbones_compared(comparison)


@transaction.atomic
def cancel(*, comparison: BackboneComparison, actor: User) -> None:
    """Carry it out no further; what is measured is kept. Invalid once it has ended."""
    policies.require(actor, comparison.project, Deed.TRAIN)
    comparison = BackboneComparison.objects.locked().get(pk=comparison.pk)
    if comparison.state not in RUNNING:
        raise Invalid(gettext("This comparison is over by now."))
    CLAIMS.close(comparison, State.CANCELLED)


@transaction.atomic
def resume(*, comparison: BackboneComparison, actor: User) -> None:
    """Go on with one that failed, was cancelled, or in which one of them could not be
    measured; what is there is not drafted again."""
    policies.require(actor, comparison.project, Deed.TRAIN)
    _refuse_a_second(comparison.project)
    comparison = BackboneComparison.objects.locked().get(pk=comparison.pk)
    if not is_resumable(comparison):
        raise Invalid(gettext("All of it is measured: nothing is left to do."))
    comparison.backbones.filter(measured_at=None).update(problem="")
    CLAIMS.reopen(comparison)


def is_resumable(comparison: BackboneComparison) -> bool:
    """Whether it has ended and something is left to measure."""
    left = comparison.backbones.filter(measured_at=None).exists()
    return comparison.state not in RUNNING and left
