"""Run a project's rules over the pairs that nobody has touched, as a job.

The run is the job: a chunk of pairs, what was made of them and how far it is are one
transaction, by the one runner whose name the row bears. Who is killed is followed by
another one, behind the last chunk; the comparison begins anew, since it only reads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rules.alike import COMPARING
from annotator.formats.rules.applying import RuleFailed
from annotator.formats.rules.outcomes import Rule, UnusableSetting
from annotator.models import (
    PairTag,
    Project,
    RuleCount,
    RuleProposal,
    RuleRun,
    User,
)
from annotator.services import (
    arranging_rules,
    comparing,
    proposing,
    putting_back,
    telling_of_work,
    treating,
)
from annotator.services.claims import Claims
from annotator.services.comparing import Comparison

logger = logging.getLogger(__name__)
State, Phase = RuleRun.State, RuleRun.Phase
ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.UNDONE)
Tell = Callable[[RuleRun], None]
CLAIMS: Claims[RuleRun] = Claims(
    rows=RuleRun.objects.all,
    waiting=State.WAITING,
    running=[State.RUNNING, State.UNDOING],
    by="runner",
    with_rows=["project"],
    died=gettext_noop("Three runners died on the same pairs, one by one."),
    end=lambda run, why: _end(run, State.FAILED, why),
)


class _NotMine(Exception):
    """Another runner has the run, or it is cancelled: this one stores no more."""


@transaction.atomic
def start(*, project: Project, actor: User | None) -> RuleRun:
    """Begin a run with the rules that are on; proposals that wait are made anew.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: no rule is on, one cannot be used, or a run is under way.
    """
    if actor is not None:
        policies.require(actor, project, Deed.IMPORT)
    rules = arranging_rules.for_a_run(project)
    if not rules:
        raise Invalid(gettext("No rule is switched on."))
    try:
        arranging_rules.made(rules)
        with transaction.atomic():
            run = RuleRun.objects.create(
                project=project,
                started_by=actor,
                rules=rules,
                total=treating.pairs_of(project).count(),
            )
    except UnusableSetting as fault:
        raise Invalid(str(fault)) from fault
    except IntegrityError:
        raise Invalid(
            gettext("The rules are running: wait, or cancel that run.")
        ) from None
    RuleCount.objects.bulk_create(RuleCount(run=run, rule=r["key"]) for r in rules)
    proposing.waiting(project).update(
        outcome=RuleProposal.Outcome.WITHDRAWN, decided_at=timezone.now()
    )
    return run


def to_run() -> list[int]:
    """Runs that wait, or whose runner has fallen silent; the oldest first."""
    return CLAIMS.free()


def run(run_id: int, tell: Tell = lambda _: None) -> None:
    """Take a run to its end, unless somebody else does or it is cancelled; `tell` is
    called after each chunk."""
    job = CLAIMS.begin(run_id)
    if job is None:
        return
    with CLAIMS.speaking(job):
        try:
            _go_on(job, tell)
        except (RuleFailed, UnusableSetting) as fault:
            _fail(job, str(fault))
        except _NotMine:
            return


def _go_on(job: RuleRun, tell: Tell) -> None:
    if job.phase == Phase.UNDO:
        while _turn(job, proposing.withdraw, tell):
            pass
        while _turn(job, putting_back.put_back_next, tell, counted=True):
            pass
        _finish(job, State.UNDONE)
        return
    rules = arranging_rules.made(job.rules)
    if job.phase == Phase.PAIRS:
        alone = [rule for rule in rules if rule.key not in COMPARING]
        treat = partial(treating.treat_next, rules=alone)
        while _turn(job, treat, tell, counted=True):
            pass
    _compare(job, rules, tell)
    _finish(job, State.DONE)


def _turn(
    job: RuleRun, step: Callable[[RuleRun], int], tell: Tell, *, counted: bool = False
) -> bool:
    """One chunk in one transaction; False at the end."""
    with transaction.atomic():
        _hold(job)
        number = step(job)
        job.done += number if counted else 0
        job.tries, job.heard_at = 0, timezone.now()
        job.save()
    tell(job)
    return number > 0


def _compare(job: RuleRun, rules: Sequence[Rule], tell: Tell) -> None:
    wanted = Comparison.of(rules)
    if not wanted:
        return

    def beat(done: int, total: int) -> None:
        with transaction.atomic():
            _hold(job)
            job.phase, job.done, job.total = Phase.COMPARE, done, total
            job.heard_at = timezone.now()
            job.save()
        tell(job)

    beat(0, 0)
    index = comparing.index_of(job, wanted, beat)
    for some in comparing.couples(index, wanted):
        _turn(job, partial(comparing.store, wanted=wanted, some=some), tell)


def _hold(job: RuleRun) -> None:
    """Lock the row for this runner; _NotMine if it is another's by now."""
    if not CLAIMS.holds(job):
        raise _NotMine


def _fail(job: RuleRun, problem: str) -> None:
    with transaction.atomic():
        _hold(job)
        _end(job, State.FAILED, problem)


def _finish(job: RuleRun, state: str) -> None:
    with transaction.atomic():
        _hold(job)
        if state == State.UNDONE:
            PairTag.objects.filter(run=job).delete()
            waiting = job.proposals.filter(outcome=RuleProposal.Outcome.WAITS)
            waiting.update(
                outcome=RuleProposal.Outcome.WITHDRAWN, decided_at=timezone.now()
            )
        _end(job, state)


def _end(job: RuleRun, state: str, problem: str = "") -> None:
    if problem:
        logger.warning("Run %d of rules failed: %s", job.pk, problem)
    CLAIMS.close(job, state, problem)
    telling_of_work.rules_ended(job)


@transaction.atomic
def cancel(*, run: RuleRun, actor: User) -> None:
    """Go no further; what is done stays, and can be put back."""
    policies.require(actor, run.project, Deed.IMPORT)
    run = RuleRun.objects.locked().get(pk=run.pk)
    if run.state not in (State.WAITING, State.RUNNING, State.UNDOING):
        raise Invalid(gettext("This run has ended."))
    _end(run, State.CANCELLED)


@transaction.atomic
def resume(*, run: RuleRun, actor: User) -> None:
    """Go on with a run that failed or was cancelled, behind what is done."""
    policies.require(actor, run.project, Deed.IMPORT)
    run = RuleRun.objects.locked().get(pk=run.pk)
    if run.state not in (State.FAILED, State.CANCELLED):
        raise Invalid(gettext("Only a run that failed or was cancelled can go on."))
    _wait_again(run, State.UNDOING if run.phase == Phase.UNDO else State.WAITING)


@transaction.atomic
def undo(*, run: RuleRun, actor: User) -> None:
    """Put back what a run altered, bring back what it set aside at once, and take its
    tags and proposals away. What people have decided or touched since stays."""
    policies.require(actor, run.project, Deed.IMPORT)
    run = RuleRun.objects.locked().get(pk=run.pk)
    if run.state not in ENDED:
        raise Invalid(gettext("This run is under way: cancel it first."))
    run.phase, run.after, run.done, run.left = Phase.UNDO, 0, 0, 0
    standing = run.changes.filter(put_back_at=None)
    run.total = standing.values("pair").distinct().count()
    _wait_again(run, State.UNDOING)


def _wait_again(run: RuleRun, state: str) -> None:
    run.state, run.problem, run.tries = state, "", 0
    run.ended_at = run.heard_at = run.runner = None
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise Invalid(gettext("Another run of the rules is under way.")) from None
