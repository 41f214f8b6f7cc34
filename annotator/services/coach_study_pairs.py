"""What a study of coaches is made of: pairs to learn from, and to be measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from annotator.domain.coach_studies import CoachStudyOrder
from annotator.domain.errors import Invalid
from annotator.formats.rules.language import language_of
from annotator.models import Project
from annotator.services import fitting, snapshotting
from training.evaluation.coach_studies import kinds
from training.evaluation.coach_studies.grid import Planned
from training.examples import RevisionExample
from training.selection import Kind, Selection
from training.services import snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Both parts, in an order that tells nothing."""

    train: Sequence[RevisionExample]
    held_out: Sequence[RevisionExample]
    leaked: int
    """Pairs that are left out: a held-out one asks for the very same."""


def of_project(project: Project) -> Material:
    """All that quality control took; pairs that are held out from coaches are so
    here."""
    examples = snapshotting.accepted_examples(project)
    return of_examples(examples, snapshots.pinned(project.scope))


def of_examples(
    examples: Iterable[RevisionExample], pinned: frozenset[str] | set[str] = frozenset()
) -> Material:
    found = snapshots.split(
        examples,
        selection=Selection(kind=Kind.ALL),
        pinned=pinned,
        minimum_pairs=0,
    )
    return Material(
        train=kinds.drawn(found.train),
        held_out=kinds.drawn([*found.held_out, *found.tested_first]),
        leaked=found.leaked,
    )


def cells(material: Material, order: CoachStudyOrder) -> list[Planned]:
    """The coaches of a study; Invalid says what is missing, or which base model may
    not be used."""
    kind = kinds.KINDS[order.kind]
    train, held_out = material.train, material.held_out
    if kind.slices == "language":
        train = kinds.by_language(train, language_of)
        held_out = kinds.by_language(held_out, language_of)
    wanted = kinds.Wanted(
        train=train[: order.learned],
        held_out=held_out[: order.measured],
        values=order.values,
        seeds=order.seeds,
        base_model=order.base_model or settings.BASE_MODEL,
        base_models=[name for name, _ in fitting.offered()],
        config={"epochs": order.epochs},
    )
    try:
        found = kinds.cells(order.kind, wanted)
        for name in {str(each.config["base_model"]) for each in found}:
            fitting.check_base_model(name)
            fitting.check_base(name)
    except ValueError as fault:  # Unfit is one
        raise Invalid(str(fault)) from None
    return found
