"""Rules that look at a pair beside all others of its project: the same, and alike.

All pairs but the excluded ones are read once for an index of a few numbers each; the
couples that it names are read again and compared word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext

from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState
from annotator.formats.rules import alike
from annotator.formats.rules.alike import FindAlike, FindSame, Index
from annotator.formats.rules.outcomes import Exclusion, Rule
from annotator.models import Pair, RuleRun
from annotator.services import proposing, treating
from annotator.services.proposing import Finding
from revision_engine.types import PairText

READ = 2_000
COUPLES = 500


@dataclass(frozen=True, slots=True)
class Couple:
    """Two pairs that an index holds for alike; `first` came first."""

    rule: str
    first: int
    other: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparing rules that are switched on."""

    same: FindSame | None
    alike: FindAlike | None

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Comparison:
        by_key = {rule.key: rule for rule in rules}
        same, near = by_key.get(FindSame.key), by_key.get(FindAlike.key)
        return cls(
            same if isinstance(same, FindSame) else None,
            near if isinstance(near, FindAlike) else None,
        )

    def __bool__(self) -> bool:
        return bool(self.same or self.alike)


def index_of(
    run: RuleRun, wanted: Comparison, beat: Callable[[int, int], None]
) -> Index:
    """Read all pairs of the project; `beat` hears how many of how many are read.

    Raises UnusableSetting where there are more than memory is meant for.
    """
    pairs = Pair.objects.filter(project=run.project).exclude(state=PairState.EXCLUDED)
    index = Index(size := pairs.count())
    columns = ("pk", "instruction", "input", "response")
    after = 0
    while rows := list(
        pairs.filter(pk__gt=after).order_by("pk").values_list(*columns)[:READ]
    ):
        after = rows[-1][0]
        texts = [_text(*row[1:]) for row in rows]
        index.add([row[0] for row in rows], *_read(wanted, texts))
        beat(index.count, size)
    return index


def _text(instruction: str, input: str, response: str) -> PairText:
    return PairText(instruction=instruction, input=input, response=response)


def _read(
    wanted: Comparison, texts: Sequence[PairText]
) -> tuple[list[int] | None, list[set[str]] | None]:
    """Keys and shingles, as far as a rule asks for them; each text is parted once."""
    keys = sets = None
    words: dict[bool, list[list[str]]] = {}
    asked = [rule.with_response for rule in (wanted.same, wanted.alike) if rule]
    for whole in asked:
        if whole not in words:
            words[whole] = [alike.said(text, with_response=whole) for text in texts]
    if wanted.same:
        keys = [alike.key_of(said) for said in words[wanted.same.with_response]]
    if wanted.alike:
        sets = [alike.shingles(said) for said in words[wanted.alike.with_response]]
    return keys, sets


def couples(index: Index, wanted: Comparison) -> Iterator[list[Couple]]:
    """What the index holds for the same or alike, some at a time; the same first."""
    yield from _some(FindSame.key, index.same() if wanted.same else iter(()))
    yield from _some(FindAlike.key, index.candidates() if wanted.alike else iter(()))


def _some(rule: str, found: Iterator[tuple[int, int]]) -> Iterator[list[Couple]]:
    while some := [Couple(rule, *each) for each in islice(found, COUPLES)]:
        yield some


def store(run: RuleRun, *, wanted: Comparison, some: Sequence[Couple]) -> int:
    """Compare couples word for word, and propose the later one of each that is right.

    Where somebody has touched the later one, the other. In a transaction; how many
    couples there were.
    """
    ids = {pk for each in some for pk in (each.first, each.other)}
    rows = Pair.objects.filter(pk__in=ids).exclude(state=PairState.EXCLUDED)
    texts = {
        pk: _text(*fields)
        for pk, *fields in rows.values_list("pk", "instruction", "input", "response")
    }
    locked = treating.pairs_of(run.project).filter(pk__in=ids).order_by("pk").locked()
    free = {pair.pk: pair for pair in locked.defer("context", "extra")}
    going = set(run.proposals.filter(pair__in=ids).values_list("pair", flat=True))
    found = []
    for each in some:
        drop, keep = each.other, each.first
        if drop not in free:
            drop, keep = keep, drop
        # A pair that goes is no reason for another one to go.
        if drop not in free or keep in going or drop in going or keep not in texts:
            continue
        if told := _compared(wanted, each.rule, texts[keep], texts[drop], keep):
            going.add(drop)
            found.append(Finding(free[drop], each.rule, told))
    proposed = proposing.propose(run, found)
    numbers = {rule: {"found": n, "proposed": n} for rule, n in proposed.items()}
    proposing.count(run, numbers)
    return len(some)


def _compared(
    wanted: Comparison, rule: str, one: PairText, other: PairText, keep: int
) -> Exclusion | None:
    reason = ExclusionReason.INVALID_INPUT
    if rule == FindSame.key and wanted.same:
        said = [
            alike.said(text, with_response=wanted.same.with_response)
            for text in (one, other)
        ]
        if said[0] != said[1]:
            return None
        return Exclusion(
            reason,
            gettext(
                "It says the same as pair %(pair)s, but for case, blanks and "
                "punctuation."
            )
            % {"pair": keep},
        )
    if not wanted.alike:
        return None
    share = alike.alikeness(
        *(
            alike.shingles(alike.said(text, with_response=wanted.alike.with_response))
            for text in (one, other)
        )
    )
    if share < wanted.alike.least_alike:
        return None
    return Exclusion(
        reason,
        gettext("It is %(share)s the same as pair %(pair)s.")
        % {"share": f"{share:.0%}", "pair": keep},
    )
