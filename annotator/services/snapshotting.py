"""Hand accepted reviews to training: a coach learns what quality control took."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from statistics import quantiles
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project, User
from annotator.selectors import accepted
from annotator.selectors.accepted import ReviewQuery
from annotator.services import fitting, preferring
from revision_engine.types import PairText
from training import folds, selectors
from training.config import PREFERENCE_DEFAULTS, Learns, LoraConfig
from training.evaluation.rule import Rule
from training.examples import RevisionExample
from training.models import CoachVersion, Snapshot, TrainingRun
from training.preferences import Preference
from training.selection import Selection, enough_for_the_gate
from training.selectors import active_coach, imported_coach
from training.services import cross_fitting, snapshots
from training.services import runs as training_runs
from training.services.preferring import TooFewPreferences, counts
from training.starting import Start
from training.taking_over import TakesOver

TOKENS_A_CHARACTER = 0.25
"""English under a byte-pair vocabulary of 50,000; only the preview rests on it."""


class NotEnough(WorkflowError):
    """There is nothing to train on yet."""

    code = "not_enough_reviews"


class RunWaits(WorkflowError):
    """The project has a run that waits already."""

    code = "run_waits"


def accepted_examples(
    project: Project, query: ReviewQuery | None = None
) -> Iterator[RevisionExample]:
    """Accepted reviews as training examples, newest first; all without a query."""
    found = accepted.reviews(project, query or ReviewQuery())
    newest = found.select_related("pair", "verdict__fix").annotate(
        corrected=accepted.WAS_CORRECTED
    )
    ordered = newest.order_by("-verdict__created_at", "-pk")
    for review in ordered.iterator(chunk_size=1000):
        yield RevisionExample(
            source_id=f"review:{review.pk}",
            raw=review.pair.text,
            revised=review.outcome,
            distance=review.outcome_distance,
            category=review.pair.category,
            revised_at=review.verdict.created_at.timestamp(),
            fixed=review.corrected or review.fix is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is chosen about a run before it starts."""

    query: ReviewQuery
    selection: Selection
    config: LoraConfig
    parent: CoachVersion | None
    """The coach that learning goes on from; None: the base model alone."""
    kinds: tuple[str, ...] = ()
    """Of a run that learns preferences: those that it learns."""

    @property
    def is_second_stage(self) -> bool:
        return self.config.learns == Learns.PREFERENCES


def plan_for(project: Project, **asked: Any) -> Plan:
    """The project's way to train, changed by what was asked for.

    Keys are those of ReviewQuery, Selection (its `kind` is called `selection`) and
    LoraConfig, and `start`, a training.starting.Start. A run that goes on from a coach
    has its prompt. Where there is no such coach, or
    it is of another base model or prompt, a run starts from the base model. One that
    learns preferences must have such a coach, the active one unless `start` says
    otherwise; `preferences` are the kinds that it learns, all by default. Invalid
    names a key that is unknown or cannot be used.
    """
    if "selection" in asked:
        asked["kind"] = asked.pop("selection")
    prefers = asked.get("learns") == Learns.PREFERENCES
    start = asked.pop("start", Start.ACTIVE if prefers else project.train_from)
    query = _taken(asked, ReviewQuery)
    selection = {"alpha": project.alpha} | _taken(asked, Selection)
    try:
        if start not in list(Start):
            raise ValueError(
                gettext("%(name)s must be one of %(known)s, got %(value)r")
                % {"name": "start", "known": ", ".join(Start), "value": start}
            )
        if "start_from" in asked:
            raise ValueError(
                gettext("start_from is set by the run: give start instead.")
            )
        kinds = _kinds(asked, prefers=prefers)
        coach = _to_go_on_from(project, start)
        fresh = _fresh(project, coach, asked, prefers=prefers)
        parent = coach if coach and _fits(coach, fresh) else None
        if prefers and parent is None:
            raise ValueError(
                gettext(
                    "base_model, base_revision and prompt are those of %(coach)s, "
                    "which the run goes on from."
                )
                % {"coach": coach}
            )
        return Plan(
            query=ReviewQuery.from_dict(query),
            selection=Selection.from_dict(selection),
            config=_shaped(parent, fresh, asked) if parent else fresh,
            parent=parent,
            kinds=kinds,
        )
    except KeyError as error:  # its text alone is in quotation marks
        raise Invalid(str(error.args[0])) from None
    except (TypeError, ValueError) as error:
        raise Invalid(str(error)) from None


def _kinds(asked: dict[str, Any], *, prefers: bool) -> tuple[str, ...]:
    if not prefers and "preferences" in asked:
        raise ValueError(
            gettext("preferences are kinds of a run that learns preferences.")
        )
    kinds = preferring.check_kinds(asked.pop("preferences", ()))
    return kinds if prefers else ()


def _fresh(
    project: Project,
    coach: CoachVersion | None,
    asked: dict[str, Any],
    *,
    prefers: bool,
) -> LoraConfig:
    """The configuration before a parent's shape; the base of a second stage is its
    coach's, which need not be checked."""
    if prefers:
        return LoraConfig.from_dict(_second_stage(coach) | asked)
    config = _first_stage(project, coach) | asked
    fitting.check_base_model(config["base_model"])
    fresh = LoraConfig.from_dict(config)
    fitting.check_base(fresh.base_model, fresh.base_revision)
    return fresh


def _first_stage(project: Project, coach: CoachVersion | None) -> dict[str, Any]:
    given = {"base_model": settings.BASE_MODEL, "wording": project.wording}
    return given | ({"prompt": coach.prompt} if coach else {})


def _second_stage(coach: CoachVersion | None) -> dict[str, Any]:
    """All that a coach is asked by stays as it was trained."""
    if coach is None:
        raise ValueError(
            gettext(
                "Preferences are learned by a coach that is there, and this project "
                "has none to go on from: train one on texts first."
            )
        )
    names = ("base_model", "base_revision", "prompt", "wording")
    return PREFERENCE_DEFAULTS | {name: getattr(coach, name) for name in names}


def may_learn_preferences(project: Project) -> bool:
    """Whether there is a coach that a second stage could go on from."""
    return any(_to_go_on_from(project, start) for start in Start)


def _to_go_on_from(project: Project, start: Start) -> CoachVersion | None:
    if start == Start.BASE:
        return None
    find = imported_coach if start == Start.IMPORTED else active_coach
    return find(project.scope)


def _fits(coach: CoachVersion, config: LoraConfig) -> bool:
    same = ("base_model", "base_revision", "prompt")
    return all(getattr(coach, name) == getattr(config, name) for name in same)


def _shaped(
    parent: CoachVersion, config: LoraConfig, asked: dict[str, Any]
) -> LoraConfig:
    """The configuration with the shape of the adapter that is gone on from."""
    shape = selectors.shape(parent)
    for name, value in shape.items():
        if name in asked and asked[name] != value:
            raise ValueError(
                gettext(
                    "%(name)s is %(value)r in %(coach)s, which the run goes on from; "
                    "%(asked)r needs a start from the base model."
                )
                % {"name": name, "value": value, "coach": parent, "asked": asked[name]}
            )
    return replace(config, **shape)


def _taken(asked: dict[str, Any], kind: type) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: asked.pop(name) for name in list(asked) if name in names}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would learn from, before anything starts."""

    accepted: int
    """Reviews that the query finds, each pair once."""
    selected: int
    held_out: int
    tested_first: int
    """Measured on before a later run may learn them, while few are held out."""
    leaked: int
    """Left out: a pair that is measured on has the same instruction and input."""
    distance: Spread
    """Characters changed, over the selected."""
    length: Spread
    """Characters of the revised pair, over the selected."""
    tokens: int
    """A run's estimated training tokens, all epochs together."""
    minimum_pairs: int
    """That the gate asks for; see measured."""
    cross_fitted: int
    """Of the selected, those that may be drafted by coaches of the others."""
    fold_tokens: int
    """Estimated training tokens of those coaches; 0 without folds."""
    folds_too_small: str
    """Why the examples cannot be dealt to so many folds; empty: they can."""
    preferences: dict[str, int]
    """How many a run would learn, by kind; empty where it learns texts."""

    @property
    def measured(self) -> int:
        """Pairs that the run's coach is measured on."""
        return self.held_out + self.tested_first

    @property
    def enough_from(self) -> int:
        """About so many accepted reviews give the gate the pairs that it asks for."""
        return enough_for_the_gate(self.minimum_pairs, settings.HELD_OUT_SHARE)


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the middle of some numbers lies; zeros if there are none."""

    low: float
    """A tenth are below."""
    median: float
    high: float
    """A tenth are above."""

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        if len(numbers) < 2:
            return cls(*[float(sum(numbers))] * 3)
        tenths = quantiles(numbers, n=10, method="inclusive")
        return cls(tenths[0], tenths[4], tenths[8])


def preview(project: Project, plan: Plan) -> Preview:
    """Count what `start_run` would freeze now."""
    measuring = testing(project, plan.parent)
    examples = accepted_examples(project, plan.query)
    found: Sequence[Preference] = ()
    if plan.is_second_stage:
        decided = preferring.decided(project, examples, plan.kinds, **measuring)
        made, found = decided.split, decided.preferences
    else:
        made = snapshots.split(
            examples,
            selection=plan.selection,
            pinned=snapshots.pinned(project.scope),
            **measuring,
        )
    train, count = made.train, plan.config.folds
    characters = sum(map(_characters, found or train))
    tokens = math.ceil(characters * TOKENS_A_CHARACTER) * plan.config.epochs
    unlearned = _unlearned(train, plan) if count else 0
    return Preview(
        accepted=made.offered,
        selected=len(train),
        held_out=len(made.held_out),
        tested_first=len(made.tested_first),
        leaked=made.leaked,
        distance=Spread.of([example.distance for example in train]),
        length=Spread.of([_length(example.revised) for example in train]),
        tokens=tokens,
        minimum_pairs=measuring["minimum_pairs"],
        cross_fitted=unlearned,
        folds_too_small=folds.too_small(unlearned, count),
        fold_tokens=tokens * (count - 1) if count else 0,
        preferences=counts(found),
    )


def _unlearned(train: Sequence[RevisionExample], plan: Plan) -> int:
    """How many of them the coach that is gone on from has not learned here."""
    known = snapshots.learned([plan.parent])
    return sum(example.fingerprint not in known for example in train)


def _length(text: PairText) -> int:
    return len(text.instruction) + len(text.input) + len(text.response)


def _characters(one: RevisionExample | Preference) -> int:
    """What is read to learn it: a preference is two texts, each behind the raw pair."""
    if isinstance(one, Preference):
        return 2 * _length(one.raw) + _length(one.chosen) + _length(one.rejected)
    return _length(one.raw) + _length(one.revised)


def testing(project: Project, parent: CoachVersion | None) -> dict[str, Any]:
    """What a coach may be measured on beside the held-out pairs: what neither the one
    that it goes on from nor the active one has learned."""
    return {
        "learned": snapshots.learned([parent, active_coach(project.scope)]),
        "minimum_pairs": Rule.from_dict(project.gate).minimum_pairs,
    }


@transaction.atomic
def start_run(*, project: Project, actor: User | None, plan: Plan) -> TrainingRun:
    """Freeze the accepted reviews and queue a run on them.

    `actor` None is the schedule. NotEnough if nothing is left to train on;
    RunWaits if a run of the project waits already; Invalid if the run cannot work where
    runs are trained, for its memory or its precision, names layers that are none, or
    has too few examples for its folds.
    """
    if actor:
        policies.require(actor, project, Deed.TRAIN)
        if why := fitting.fit(
            plan.config
        ).why_not:  # of the schedule's, the run itself says so
            raise Invalid(why)
    try:
        training_runs.refuse_a_second(project.scope)
    except training_runs.RunWaits as fault:
        raise RunWaits(str(fault)) from None
    try:
        snapshot = _freeze(project, actor, plan)
    except (snapshots.NothingToTrainOn, TooFewPreferences) as error:
        raise NotEnough(str(error)) from None
    except cross_fitting.FoldsTooSmall as error:
        raise Invalid(str(error)) from None
    return training_runs.enqueue(
        scope=project.scope,
        snapshot=snapshot,
        config=plan.config,
        parent=plan.parent,
        actor=actor,
        gate=project.gate,
        takes_over=TakesOver(
            way=project.takes_over,
            share=project.challenge_share,
            needed=project.challenge_reviews,
        ),
    )


def _freeze(project: Project, actor: User | None, plan: Plan) -> Snapshot:
    examples = accepted_examples(project, plan.query)
    told: dict[str, Any] = {"query": plan.query.as_dict(), "actor": actor}
    told |= testing(project, plan.parent)
    if plan.is_second_stage:
        return preferring.freeze(project, examples, plan.kinds, **told)
    made = snapshots.freeze(
        scope=project.scope, examples=examples, selection=plan.selection, **told
    )
    cross_fitting.check(made, plan.config.folds, snapshots.learned([plan.parent]))
    return made
