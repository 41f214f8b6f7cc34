"""Rules over stored pairs, one by one: a chunk is read, treated and stored at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db.models import F, Func, IntegerField
from django.utils import timezone
from django.utils.translation import gettext

from annotator.database.copying import copy
from annotator.domain.actions import Action
from annotator.domain.rubric import ExclusionReason
from annotator.formats.rules.applying import RuleFailed, Treated, treat
from annotator.formats.rules.outcomes import Beside, Exclusion, Rule, reads_all
from annotator.models import Pair, PairQuerySet, PairTag, Project, RuleChange, RuleRun
from annotator.services import altering, proposing
from annotator.services.altering import Alteration, Twin
from annotator.services.proposing import Finding

CHUNK = 1_000
MAX_BYTES = 20_000_000
"""Of other columns that are held at once; then a chunk has fewer pairs."""
CHANGE_COLUMNS = (
    "run_id",
    "pair_id",
    "rule",
    "field",
    "old",
    "new",
    "dealt_as",
    "at",
)


def pairs_of(project: Project) -> PairQuerySet:
    """The pairs that rules may alter or set aside."""
    return Pair.objects.untouched().filter(project=project)


def treat_next(run: RuleRun, *, rules: Sequence[Rule]) -> int:
    """Treat the next pairs of a run; how many, 0 at the end.

    To be called in a transaction. Raises RuleFailed, naming the pair.
    """
    altering.hold_texts(run.project)
    found = pairs_of(run.project).filter(pk__gt=run.after).order_by("pk")
    pairs = list(_next(found, rules))
    if not pairs:
        return 0
    busy = altering.being_drafted(pairs)
    free = [pair for pair in pairs if pair.pk not in busy]
    is_whole = read_all(rules)
    treated = {pair.pk: _treated(rules, pair, is_whole=is_whole) for pair in free}
    PairTag.objects.filter(pair__in=treated).delete()
    altered, twins = _alter(run, free, treated)
    tags = _tags(treated, {twin.pair.pk for twin in twins})
    proposing.tag(run, tags)
    proposed = proposing.propose(run, list(_findings(free, treated, twins)))
    kept = {pair.pk for pair in altered}
    proposing.count(run, _counts(treated, tags, kept, proposed))
    run.busy += len(busy)
    run.changed += len(altered)
    run.after = pairs[-1].pk
    return len(pairs)


def _next(pairs: PairQuerySet, rules: Sequence[Rule]) -> PairQuerySet:
    """A chunk, locked; with the file's other columns if a rule reads them."""
    if not read_all(rules):
        return pairs.locked().defer("extra")[:CHUNK]
    size = Func(F("extra"), function="octet_length", output_field=IntegerField())
    sizes = accumulate(pairs.values_list(size, flat=True)[:CHUNK])
    few_enough = 1 + sum(1 for whole in sizes if whole <= MAX_BYTES)
    return pairs.locked()[: min(CHUNK, few_enough)]


def read_all(rules: Sequence[Rule]) -> bool:
    """Whether one of them is to be asked with all that stands beside a pair."""
    return any(map(reads_all, rules))


def beside(pair: Pair, *, is_whole: bool) -> Beside:
    """What stands beside a pair; `is_whole`: with the file's other columns."""
    extra = pair.extra if is_whole else {}
    return Beside(context=pair.context, shape=pair.shape, extra=extra)


def _treated(rules: Sequence[Rule], pair: Pair, *, is_whole: bool) -> Treated:
    try:
        return treat(rules, pair.text, beside(pair, is_whole=is_whole))
    except RuleFailed as fault:
        raise RuleFailed(
            gettext("%(fault)s That was at pair %(pair)s.")
            % {"fault": fault, "pair": pair.pk}
        ) from fault


def _alter(
    run: RuleRun, pairs: Sequence[Pair], treated: Mapping[int, Treated]
) -> tuple[list[Pair], list[Twin]]:
    """Store the fixes, but for pairs that a person has put back one by one."""
    changed = [pair for pair in pairs if treated[pair.pk].is_changed]
    spared = set(_put_back_by_hand(changed))
    wanted = [pair for pair in changed if pair.pk not in spared]
    numbers = {pair.pk: pair.dealt_as for pair in wanted}
    now = timezone.now()
    altered, twins = altering.alter(
        run.project,
        [
            Alteration(pair, treated[pair.pk].text, treated[pair.pk].altered)
            for pair in wanted
        ],
        action=Action.TEXT_ALTERED,
    )
    rows = [
        row for pair in altered for row in _rows(run, pair.pk, treated, numbers, now)
    ]
    if rows:
        copy(RuleChange, CHANGE_COLUMNS, rows)
    return altered, twins


def _put_back_by_hand(pairs: Sequence[Pair]) -> Iterator[int]:
    undone = (RuleRun.State.UNDOING, RuleRun.State.UNDONE)
    back = RuleChange.objects.filter(
        pair__in=[pair.pk for pair in pairs], put_back_at__isnull=False
    )
    yield from back.exclude(run__state__in=undone).values_list("pair", flat=True)


def _rows(
    run: RuleRun,
    pk: int,
    treated: Mapping[int, Treated],
    numbers: Mapping[int, int | None],
    now: datetime,
) -> Iterator[tuple[Any, ...]]:
    for each in treated[pk].changes:
        yield (run.pk, pk, each.rule, each.name, each.old, each.new, numbers[pk], now)


def _tags(
    treated: Mapping[int, Treated], twins: set[int]
) -> list[tuple[int, str, str]]:
    """Of a twin, whose text was not altered, too: it is as the rule found it."""
    return [
        (pk, rule, name)
        for pk, done in treated.items()
        for rule, name in dict.fromkeys(done.tags)
    ] + [(pk, treated[pk].changes[-1].rule, "twin") for pk in sorted(twins)]


def _findings(
    pairs: Sequence[Pair], treated: Mapping[int, Treated], twins: Sequence[Twin]
) -> Iterator[Finding]:
    by_pk = {pair.pk: pair for pair in pairs}
    for pk, done in treated.items():
        for rule, exclusion in done.exclusions:
            yield Finding(by_pk[pk], rule, exclusion)
    for twin in twins:
        rule = treated[twin.pair.pk].changes[-1].rule
        yield Finding(twin.pair, rule, _as_twin(twin))


def _as_twin(twin: Twin) -> Exclusion:
    return Exclusion(
        ExclusionReason.INVALID_INPUT,
        gettext(
            "As the rules would alter it, it is the same as pair %(pair)s; its text "
            "was left as it is."
        )
        % {"pair": twin.other},
    )


def _counts(
    treated: Mapping[int, Treated],
    tags: Sequence[tuple[int, str, str]],
    altered: set[int],
    proposed: Mapping[str, int],
) -> dict[str, dict[str, int]]:
    """By rule the pairs that it found, fixed, tagged and proposed."""
    found, fixed, tagged = defaultdict(set), defaultdict(set), defaultdict(set)
    for pk, done in treated.items():
        for change in done.changes:
            found[change.rule].add(pk)
            if pk in altered:
                fixed[change.rule].add(pk)
        for rule, _ in done.exclusions:
            found[rule].add(pk)
    for pk, rule, _ in tags:
        found[rule].add(pk)
        tagged[rule].add(pk)
    return {
        rule: {
            "found": len(found[rule]),
            "fixed": len(fixed[rule]),
            "tagged": len(tagged[rule]),
            "proposed": proposed.get(rule, 0),
        }
        for rule in found
    }
