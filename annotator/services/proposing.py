"""What rules would set aside: proposed to the leads, done at once, or tagged only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState
from annotator.formats.rules.outcomes import Exclusion
from annotator.models import (
    AuditEvent,
    Pair,
    PairTag,
    Project,
    ProjectRule,
    RuleCount,
    RuleProposal,
    RuleRun,
    User,
)
from annotator.services.workflow import move_all, set_aside_each

CHUNK = 1_000
Outcome = RuleProposal.Outcome
Way = ProjectRule.Way


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule would set a pair aside."""

    pair: Pair
    rule: str
    exclusion: Exclusion


def propose(run: RuleRun, found: Sequence[Finding]) -> dict[str, int]:
    """Store what rules would set aside; by rule how many pairs are proposed or set
    aside. The pairs are locked, and nobody has touched them.

    A pair is proposed once a run. What a person has brought back, or left in the work
    for the same rule, is not proposed again.
    """
    ways = {each["key"]: each["way"] for each in run.rules}
    decided = _decided(found) | _known(run, found)
    fresh: dict[int, Finding] = {}
    for each in _by_weight(found, ways):
        if (each.pair.pk, each.rule) not in decided and (
            each.pair.pk,
            "",
        ) not in decided:
            fresh.setdefault(each.pair.pk, each)
    tagged = [each for each in fresh.values() if ways[each.rule] == Way.TAG]
    told = [each for each in fresh.values() if ways[each.rule] != Way.TAG]
    at_once = [each for each in told if ways[each.rule] == Way.AT_ONCE]
    tag(run, [(e.pair.pk, e.rule, e.exclusion.reason) for e in tagged])
    now = timezone.now()
    RuleProposal.objects.bulk_create(
        RuleProposal(
            run=run,
            pair=each.pair,
            rule=each.rule,
            reason=each.exclusion.reason,
            sentence=each.exclusion.sentence,
            outcome=Outcome.AT_ONCE if each in at_once else Outcome.WAITS,
            decided_at=now if each in at_once else None,
        )
        for each in told
    )
    set_aside_each(
        [(e.pair, e.exclusion.reason, e.exclusion.sentence) for e in at_once],
        action=Action.EXCLUDED_BY_RULE,
    )
    counts: dict[str, int] = {}
    for each in told:
        counts[each.rule] = counts.get(each.rule, 0) + 1
    return counts


def _by_weight(found: Sequence[Finding], ways: dict[str, str]) -> list[Finding]:
    """What acts at once first, then proposals, then tags; else the list's order."""
    order = [Way.AT_ONCE, Way.PROPOSE, Way.TAG]
    return sorted(found, key=lambda each: order.index(Way(ways[each.rule])))


def _decided(found: Sequence[Finding]) -> set[tuple[int, str]]:
    """Pairs that a person brought back (any rule), and those left for a rule."""
    ids = [each.pair.pk for each in found]
    back = AuditEvent.objects.filter(
        pair__in=ids, action=Action.EXCLUSION_OVERRULED
    ).values_list("pair", flat=True)
    left = RuleProposal.objects.filter(pair__in=ids, outcome=Outcome.LEFT)
    return {(pk, "") for pk in back} | set(left.values_list("pair", "rule"))


def _known(run: RuleRun, found: Sequence[Finding]) -> set[tuple[int, str]]:
    mine = run.proposals.filter(pair__in=[each.pair.pk for each in found])
    return {(pk, "") for pk in mine.values_list("pair", flat=True)}


def tag(run: RuleRun, found: Iterable[tuple[int, str, str]]) -> None:
    """Give pairs (primary keys) a rule's words; those they have stay."""
    PairTag.objects.bulk_create(
        (
            PairTag(
                run=run, pair_id=pk, project_id=run.project_id, rule=rule, name=name
            )
            for pk, rule, name in dict.fromkeys(found)
        ),
        ignore_conflicts=True,
    )


def count(run: RuleRun, told: dict[str, dict[str, int]]) -> None:
    """Add to what a run's rules found; by rule and column."""
    for rule, numbers in told.items():
        added = {name: F(name) + number for name, number in numbers.items() if number}
        if added:
            RuleCount.objects.filter(run=run, rule=rule).update(**added)


def waiting(project: Project) -> QuerySet[RuleProposal]:
    """Proposals that nobody has decided about, in the order of the run."""
    found = RuleProposal.objects.filter(run__project=project, outcome=Outcome.WAITS)
    return found.order_by("run", "pk")


def take(*, project: Project, actor: User, ids: Collection[int] | None = None) -> int:
    """Set aside what waits, or these of it; how many pairs.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: one of the named proposals does not wait here.
    """
    return _decide(project, actor, ids, is_taken=True)


def leave(*, project: Project, actor: User, ids: Collection[int] | None = None) -> int:
    """Leave these pairs in the work, and propose them for that rule no more."""
    return _decide(project, actor, ids, is_taken=False)


def _decide(
    project: Project, actor: User, ids: Collection[int] | None, *, is_taken: bool
) -> int:
    policies.require(actor, project, Deed.IMPORT)
    asked = waiting(project)
    if ids is not None:
        asked = asked.filter(pk__in=ids)
        if asked.count() != len(set(ids)):
            raise Invalid(
                gettext("Somebody has decided about one of these proposals before.")
            )
    total = 0
    while decided := _next(asked, actor, is_taken=is_taken):
        total += sum(each.outcome in (Outcome.TAKEN, Outcome.LEFT) for each in decided)
    return total


@transaction.atomic
def _next(
    asked: QuerySet[RuleProposal], actor: User, *, is_taken: bool
) -> list[RuleProposal]:
    """Decide about some of those that wait; empty when there are none."""
    found = list(asked.select_for_update(no_key=True, of=("self",))[:CHUNK])
    free: dict[int, Pair] = {}
    if is_taken and found:
        pairs = Pair.objects.untouched().filter(pk__in=[each.pair_id for each in found])
        free = {pair.pk: pair for pair in pairs.order_by("pk").locked()}
    aside = []
    for each in found:
        # Of two proposals for one pair the first sets it aside.
        pair = free.pop(each.pair_id, None)
        each.outcome = Outcome.LEFT
        if is_taken:
            each.outcome = Outcome.TAKEN if pair else Outcome.LATE
        if pair:
            aside.append((pair, ExclusionReason(each.reason), each.sentence))
        each.decided_by, each.decided_at = actor, timezone.now()
    set_aside_each(aside, action=Action.PROPOSAL_TAKEN, actor=actor)
    columns = ["outcome", "decided_by", "decided_at"]
    RuleProposal.objects.bulk_update(found, columns)
    return found


def withdraw(run: RuleRun) -> int:
    """Bring some pairs back that the run set aside at once; how many it looked at."""
    done = run.proposals.filter(outcome=Outcome.AT_ONCE).order_by("pk")[:CHUNK]
    by_pair = {each.pair_id: each for each in done}
    pairs = Pair.objects.in_state(PairState.EXCLUDED).filter(pk__in=by_pair)
    back = [
        pair
        for pair in pairs.order_by("pk").locked()
        if pair.exclusion_note == by_pair[pair.pk].sentence and pair.arm
    ]
    move_all(
        back,
        PairState.QUEUED,
        action=Action.RULE_WITHDRAWN,
        draft=None,
        draft_coach=None,
        priority=0,
        exclusion_reason="",
        exclusion_note="",
    )
    withdrawn = run.proposals.filter(pk__in=[each.pk for each in by_pair.values()])
    withdrawn.update(outcome=Outcome.WITHDRAWN, decided_at=timezone.now())
    return len(by_pair)
