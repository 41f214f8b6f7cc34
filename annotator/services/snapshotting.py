"""Hand accepted reviews to training: a coach learns what quality control took."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from annotator import policies
from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project, Review, User
from training.config import LoraConfig
from training.examples import RevisionExample
from training.models import TrainingRun
from training.selectors import runs
from training.services import runs as training_runs
from training.services import snapshots

TOKENS_A_CHARACTER = 0.25
"""English under a byte-pair vocabulary of 50,000; only the preview rests on it."""


class NotEnough(WorkflowError):
    """There is nothing to train on yet."""

    code = "not_enough_reviews"


def accepted_examples(project: Project) -> Iterator[RevisionExample]:
    """Every accepted review as a training example, newest first."""
    accepted = Review.objects.filter(pair__project=project, verdict__accepted=True)
    newest = accepted.select_related("pair").order_by("-verdict__created_at", "-pk")
    for review in newest.iterator(chunk_size=1000):
        yield RevisionExample(
            source_id=f"review:{review.pk}",
            raw=review.pair.text,
            revised=review.text,
            distance=review.distance_raw_final,
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would learn from, before anything starts."""

    accepted: int
    selected: int
    held_out: int
    mean_distance: float
    """Characters, over the selected."""
    tokens: int
    """A run's estimated training tokens, all epochs together."""


def preview(project: Project, config: LoraConfig) -> Preview:
    """Count what `start_run` would freeze now."""
    selection = snapshots.select(accepted_examples(project), alpha=config.alpha)
    train = selection.train
    characters = sum(_characters(example) for example in train)
    return Preview(
        accepted=selection.offered,
        selected=len(train),
        held_out=len(selection.held_out),
        mean_distance=sum(e.distance for e in train) / max(1, len(train)),
        tokens=math.ceil(characters * TOKENS_A_CHARACTER) * config.epochs,
    )


def _characters(example: RevisionExample) -> int:
    sides = (example.raw, example.revised)
    return sum(len(s.instruction) + len(s.input) + len(s.response) for s in sides)


def config_for(project: Project, **changes: object) -> LoraConfig:
    """The project's training settings; Invalid names one that cannot be used."""
    start = {
        "base_model": settings.BASE_MODEL,
        "alpha": project.alpha,
        "wording": project.wording,
    }
    try:
        return LoraConfig.from_dict({**start, **changes})
    except ValueError as error:
        raise Invalid(str(error)) from None


@transaction.atomic
def start_run(
    *, project: Project, actor: User | None, config: LoraConfig
) -> TrainingRun:
    """Freeze the accepted reviews and queue a run on them.

    `actor` None is the schedule. NotEnough if nothing is left to train on.
    """
    if actor:
        policies.require(actor, project, Deed.TRAIN)
    try:
        snapshot = snapshots.freeze(
            scope=project.scope,
            examples=accepted_examples(project),
            alpha=config.alpha,
            actor=actor,
        )
    except snapshots.NothingToTrainOn as error:
        raise NotEnough(str(error)) from None
    return training_runs.enqueue(
        scope=project.scope, snapshot=snapshot, config=config, actor=actor
    )


def newly_accepted(project: Project) -> int:
    """Reviews accepted since the last run's snapshot; imported ones count too."""
    accepted = Review.objects.filter(pair__project=project, verdict__accepted=True)
    last = runs(project.scope).first()
    if last:
        accepted = accepted.filter(verdict__created_at__gt=last.snapshot.created_at)
    return accepted.count()


def retrain_when_due() -> list[TrainingRun]:
    """Start a run in each project that has collected enough new reviews."""
    started = []
    for project in Project.objects.filter(retrain_after__gt=0):
        busy = any(run.state in _UNFINISHED for run in runs(project.scope)[:20])
        if busy or newly_accepted(project) < project.retrain_after:
            continue
        config = config_for(project)
        started.append(start_run(project=project, actor=None, config=config))
    return started


_UNFINISHED = (TrainingRun.State.QUEUED, *TrainingRun.ACTIVE)
