"""What a project's rules would make of some pairs; nothing is stored."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rules.applying import RuleFailed, Treated, treat
from annotator.formats.rules.outcomes import UnusableSetting
from annotator.models import Pair, PairQuerySet, Project, User
from annotator.services import arranging_rules, treating

SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """Some pairs behind the rules."""

    read: int
    found: Sequence[tuple[Pair, Treated]]
    """Those of which a rule says anything."""
    counts: Counter[str]
    """Of how many pairs each rule says anything."""


def try_out(*, project: Project, actor: User | None, seed: int = 0) -> Trial:
    """Draw up to 100 untouched pairs, and ask the rules that are on, one by one.

    Rules that compare pairs say nothing here. Raises NotAllowed, and Invalid where a
    rule cannot be used or fails.
    """
    if actor is not None:
        policies.require(actor, project, Deed.IMPORT)
    try:
        rules = arranging_rules.made(arranging_rules.for_a_run(project))
        pairs = _drawn(treating.pairs_of(project), seed)
        is_whole = treating.read_all(rules)
        treated = [
            (pair, treat(rules, pair.text, treating.beside(pair, is_whole=is_whole)))
            for pair in pairs
        ]
    except (UnusableSetting, RuleFailed) as fault:
        raise Invalid(str(fault)) from fault
    counts: Counter[str] = Counter()
    found = []
    for pair, done in treated:
        told = {change.rule for change in done.changes}
        told |= {rule for rule, _ in (*done.tags, *done.exclusions)}
        counts.update(told)
        if told:
            found.append((pair, done))
    return Trial(len(treated), found, counts)


def _drawn(pairs: PairQuerySet, seed: int) -> list[Pair]:
    """By their numbers, so that a million pairs are not sorted for a hundred."""
    ends = pairs.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return []
    numbers = range(ends["low"], ends["high"] + 1)
    draw = random.Random(seed)  # noqa: S311 - no secret
    some = draw.sample(numbers, min(len(numbers), 20 * SAMPLE))
    found = {pair.pk: pair for pair in pairs.filter(pk__in=some)[:SAMPLE]}
    if len(found) < SAMPLE:
        found |= {pair.pk: pair for pair in pairs.order_by("pk")[:SAMPLE]}
    return sorted(found.values(), key=lambda pair: pair.pk)[:SAMPLE]
