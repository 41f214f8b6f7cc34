"""Drift: generations of the coach on the same pairs, and what rings.

A check is made whenever a promotion or an evaluation has landed, a reference was chosen
or the gate's guards were changed. Only the coach that drafts now can set off an alarm:
what an earlier one did is no longer anybody's to act on.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import (
    Against,
    DriftAlarm,
    DriftCheck,
    DriftFigure,
    DriftReference,
    Project,
    User,
)
from annotator.services import telling_of_work
from training import selectors
from training.evaluation import drift
from training.evaluation.rule import Rule
from training.models import CoachVersion, Evaluation, Promotion
from training.services import registry
from training.services.generations import Drafts, Readings, drafts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a check is of: while it stays the same, another would find the same."""

    newest_promotion: int
    newest_evaluation: int
    chosen: int
    """The DriftReference, 0 without one."""
    rule_sha256: str


def check_all() -> int:
    """Sweep: check each project in which something has landed since; how many."""
    return sum(check(project) is not None for project in Project.objects.all())


def check(project: Project) -> DriftCheck | None:
    """Measure all generations anew and ring; None if nothing has landed since.

    Safe to run twice, also at once: one state has one check, and an alarm rings once.
    """
    state = _state(project)
    newest = project.drift_checks.order_by("-pk").first()
    if state is None or (newest and _is_of(newest, state)):
        return None
    started = time.monotonic()
    chain = selectors.generations(project.scope)
    drafts = drafts_of(project.scope, [each.coach_id for each in chain])
    measured = [each for each in chain if drafts[each.coach_id]]
    if not measured:
        return None
    reference = _reference(project, measured)
    made = list(_figures(project, measured, reference, drafts))
    return _store(
        project,
        state,
        DriftCheck(
            project=project,
            reference=reference,
            **asdict(state),
            **_fixed_set([drafts[each.coach_id] for each in measured]),
            seconds=time.monotonic() - started,
        ),
        made,
    )


def _state(project: Project) -> State | None:
    """None before there is anything to measure."""
    promotion = Promotion.objects.filter(scope=project.scope).first()
    evaluation = (
        Evaluation.objects.filter(coach__scope=project.scope).order_by("-pk").first()
    )
    if promotion is None or evaluation is None:
        return None
    chosen = project.drift_references.order_by("-pk").first()
    rule = Rule.from_dict(project.gate).as_dict()
    asked = json.dumps([rule["guards"], rule["minimum_pairs"]], sort_keys=True)
    return State(
        newest_promotion=promotion.pk,
        newest_evaluation=evaluation.pk,
        chosen=chosen.pk if chosen else 0,
        rule_sha256=hashlib.sha256(asked.encode()).hexdigest(),
    )


def _is_of(made: DriftCheck, state: State) -> bool:
    return all(getattr(made, name) == value for name, value in asdict(state).items())


def _reference(project: Project, measured: Sequence[Promotion]) -> CoachVersion:
    """The chosen generation, or the first that was measured."""
    chosen = project.drift_references.order_by("-pk").first()
    known = {each.coach_id: each.coach for each in measured}
    if chosen and chosen.coach_id in known:
        return known[chosen.coach_id]
    return measured[0].coach


def _shared(drafts: Sequence[Drafts]) -> list[str]:
    """The pairs of which each of them has a draft, in a fixed order."""
    first, *others = drafts
    return sorted(set(first).intersection(*others))


def _fixed_set(drafts: Sequence[Drafts]) -> dict[str, object]:
    keys = _shared(drafts)
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    return {"pairs": len(keys), "pairs_sha256": digest}


def _figures(
    project: Project,
    measured: Sequence[Promotion],
    reference: CoachVersion,
    drafts: Mapping[int, Drafts],
) -> Iterator[DriftFigure]:
    """Each generation on the fixed set, then beside the two it is held against."""
    rule, readings = Rule.from_dict(project.gate), Readings()
    fixed = _shared([drafts[each.coach_id] for each in measured])
    for each in measured:
        rows = readings.measured(drafts[each.coach_id], fixed)
        for found in drift.own(rows, rule.guards):
            yield DriftFigure(
                coach=each.coach,
                figure=found.name,
                unit=found.unit,
                pairs=found.n,
                value=found.value,
                low=found.low,
                high=found.high,
            )
    for each in measured:
        others = _others(each, measured, reference)
        sides = {}
        for against, other in others.items():
            keys = _shared([drafts[each.coach_id], drafts[other.pk]])
            sides[against] = (
                readings.measured(drafts[each.coach_id], keys),
                readings.measured(drafts[other.pk], keys),
            )
        for one in drift.compare(sides, rule.guards, rule.minimum_pairs):
            yield _beside(each.coach, others[one.against], one)


def _others(
    each: Promotion, measured: Sequence[Promotion], reference: CoachVersion
) -> dict[str, CoachVersion]:
    """What a generation is held against; one and the same coach only once."""
    known = {other.coach_id: other.coach for other in measured}
    before = known.get(each.previous_id or 0)
    if before is None:
        earlier = [other.coach for other in measured if other.pk < each.pk]
        before = earlier[-1] if earlier else None
    others = {Against.REFERENCE.value: reference}
    if before and before != reference:
        others[Against.BEFORE.value] = before
    return {against: other for against, other in others.items() if other != each.coach}


def _beside(
    coach: CoachVersion, other: CoachVersion, one: drift.Comparison
) -> DriftFigure:
    return DriftFigure(
        coach=coach,
        other=other,
        against=one.against,
        figure=one.figure,
        unit=one.unit,
        pairs=one.pairs,
        value=one.value,
        other_value=one.other_value,
        low=one.low,
        high=one.high,
        p=one.p,
        adjusted_p=one.adjusted_p,
        tolerance=one.tolerance,
        alarms=one.alarms,
    )


@transaction.atomic
def _store(
    project: Project, state: State, made: DriftCheck, figures: Sequence[DriftFigure]
) -> DriftCheck | None:
    """Keep a check with its figures and ring; None if another sweeper was first."""
    registry.lock(project.scope)
    if any(_is_of(twin, state) for twin in project.drift_checks.all()):
        return None
    made.save()
    for figure in figures:
        figure.check_made = made
    DriftFigure.objects.bulk_create(figures)
    active = selectors.active_coach(project.scope)
    ringing = [each for each in figures if each.alarms and each.coach == active]
    new = sum(_ring(project, made, figure) for figure in ringing)
    if new:
        telling_of_work.drift_rang(made, new)
    return made


_TOLD = (
    *("against", "unit", "pairs", "value", "other_value", "low", "high"),
    *("tolerance", "adjusted_p"),
)


def _ring(project: Project, made: DriftCheck, figure: DriftFigure) -> bool:
    """Whether it had not rung before."""
    told = {name: getattr(figure, name) for name in _TOLD}
    _, is_new = DriftAlarm.objects.get_or_create(
        project=project,
        coach=figure.coach,
        other=figure.other,
        figure=figure.figure,
        defaults={"check_made": made, **told},
    )
    return is_new


@transaction.atomic
def acknowledge(
    *, project: Project, alarms: Sequence[int], actor: User, note: str
) -> list[DriftAlarm]:
    """Say what one makes of some alarms (primary keys); the first word on each stays.

    Raises:
        Invalid: there is no note, or no such alarm in the project.
    """
    policies.require(actor, project, Deed.SEE_STATS)
    if not note.strip():
        raise Invalid(
            gettext("Write what you make of it: the note stays with the alarm.")
        )
    held = list(
        project.drift_alarms.select_for_update(of=("self",)).filter(pk__in=alarms)
    )
    if not held:
        raise Invalid(gettext("Choose an alarm of this project."))
    for alarm in held:
        if alarm.acknowledged_at is None:
            alarm.acknowledged_by, alarm.acknowledged_at = actor, timezone.now()
            alarm.note = note.strip()
            alarm.save(update_fields=["acknowledged_by", "acknowledged_at", "note"])
    return held


@transaction.atomic
def choose_reference(
    *, project: Project, coach: CoachVersion, actor: User
) -> DriftReference:
    """Hold all generations against this one from the next check on.

    Raises:
        Invalid: the coach has never drafted for the project.
    """
    policies.require(actor, project, Deed.PROMOTE)
    if coach.pk not in {each.coach_id for each in selectors.generations(project.scope)}:
        raise Invalid(gettext("Choose a coach that has drafted for this project."))
    return DriftReference.objects.create(project=project, coach=coach, chosen_by=actor)
