"""Coaches and which of them is active: registered, promoted, rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from training.models import (
    ActiveCoach,
    Challenge,
    CoachVersion,
    Evaluation,
    Promotion,
    TrainingRun,
)

if TYPE_CHECKING:
    from revision_engine.types import CoachRef


class NotPromotable(ValueError):
    """The coach cannot become the active one; the message says why."""


@transaction.atomic
def register(
    *, scope: str, ref: CoachRef, name: str = "", run: TrainingRun | None = None
) -> CoachVersion:
    """Give an adapter its number in the scope; the same run gets the same coach."""
    lock(scope)
    if run and (known := CoachVersion.objects.filter(run=run).first()):
        return known
    newest = CoachVersion.objects.filter(scope=scope).aggregate(Max("number"))
    number = (newest["number__max"] or 0) + 1
    return CoachVersion.objects.create(
        scope=scope,
        number=number,
        name=name or f"coach {number}",
        run=run,
        base_model=ref.base_model,
        base_revision=ref.base_revision,
        adapter=ref.adapter,
        adapter_sha256=ref.adapter_sha256,
        prompt=ref.prompt,
        wording=ref.wording,
    )


@transaction.atomic
def register_elsewhere(*, scope: str, model: str, version: str = "") -> CoachVersion:
    """The coach that stands for another model's drafts; the same one for the same
    name and version."""
    lock(scope)
    known = CoachVersion.objects.filter(
        scope=scope, is_elsewhere=True, base_model=model, base_revision=version
    )
    if found := known.first():
        return found
    newest = CoachVersion.objects.filter(scope=scope).aggregate(Max("number"))
    return CoachVersion.objects.create(
        scope=scope,
        number=(newest["number__max"] or 0) + 1,
        name=" ".join(filter(None, (model, version)))[:120],
        is_elsewhere=True,
        base_model=model,
        base_revision=version,
    )


@transaction.atomic
def promote(
    *,
    coach: CoachVersion,
    actor: Any,
    reason: str = "",
    way: str = "",
) -> Promotion:
    """Make a coach the active one of its scope; an earlier one is a roll back.

    An open challenge of the scope is stopped by it. `way` is worked out if it is not
    given. NotPromotable if the gate is against it and no reason is given.
    """
    lock(coach.scope)
    active = ActiveCoach.objects.filter(scope=coach.scope).first()
    if active and active.coach_id == coach.pk:
        raise NotPromotable(
            gettext("%(coach)s is the active coach already.") % {"coach": coach}
        )
    if coach.is_elsewhere:
        raise NotPromotable(
            gettext("%(coach)s is at work elsewhere: it cannot draft here.")
            % {"coach": coach}
        )
    if coach.run and coach.run.state != TrainingRun.State.READY:
        raise NotPromotable(_not_ready(coach, coach.run))
    evaluation = Evaluation.objects.filter(coach=coach).order_by("pk").last()
    way = way or _way(coach, active, evaluation)
    if way == Promotion.Way.OVERRULED and evaluation and not reason.strip():
        raise NotPromotable(
            gettext(
                "The gate says %(outcome)s: give a reason to promote %(coach)s all "
                "the same."
            )
            % {"outcome": evaluation.get_outcome_display(), "coach": coach}
        )
    ActiveCoach.objects.update_or_create(scope=coach.scope, defaults={"coach": coach})
    _stop_challenge(coach, actor)
    return Promotion.objects.create(
        scope=coach.scope,
        coach=coach,
        previous=active.coach if active else None,
        evaluation=evaluation,
        actor=actor,
        reason=reason,
        way=way,
    )


def _not_ready(coach: CoachVersion, run: TrainingRun) -> str:
    state = run.get_state_display()
    if run.trains:
        return gettext("The run of %(coach)s is %(state)s.") % {
            "coach": coach,
            "state": state,
        }
    return gettext(
        "%(coach)s came in and is not evaluated yet: %(run)s is %(state)s."
    ) % {"coach": coach, "run": run, "state": state}


def _way(
    coach: CoachVersion, active: ActiveCoach | None, evaluation: Evaluation | None
) -> str:
    if active is None:
        return ""
    if Promotion.objects.filter(scope=coach.scope, coach=coach).exists():
        return Promotion.Way.ROLLED_BACK
    if evaluation is None or not evaluation.outcome:
        return ""
    if evaluation.outcome == Evaluation.Outcome.PROMOTE:
        return Promotion.Way.PERSON
    return Promotion.Way.OVERRULED


def _stop_challenge(coach: CoachVersion, actor: Any) -> None:
    """What was on trial is no longer compared with the coach that drafts."""
    Challenge.objects.filter(scope=coach.scope, outcome="").update(
        outcome=Challenge.Outcome.STOPPED,
        ended_by=actor,
        ended_at=timezone.now(),
        reason=f"{coach} was promoted meanwhile.",
    )


def roll_back(*, scope: str, actor: Any, reason: str = "") -> Promotion:
    """Bring back the coach that was active before; NotPromotable if there is none."""
    newest = Promotion.objects.filter(scope=scope).first()
    if newest is None or newest.previous is None:
        raise NotPromotable(gettext("There is no earlier coach to go back to."))
    return promote(coach=newest.previous, actor=actor, reason=reason)


def lock(scope: str) -> None:
    """Let one transaction at a time number or promote coaches of a scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [scope])
