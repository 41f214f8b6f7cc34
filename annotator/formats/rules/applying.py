"""An ordered list of rules over one pair: each sees what the one before left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.formats.rules.outcomes import (
    MAX_TAG_CHARS,
    PARTS,
    Beside,
    Exclusion,
    Outcome,
    ReadsTurns,
    Rule,
    reads_all,
)
from revision_engine.types import PairText
from training.examples import FIELDS

NOTHING_BESIDE = Beside()


class RuleFailed(RuntimeError):
    """A rule died on a pair, or answered with what cannot be used; says which."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule did to one field."""

    rule: str
    name: str
    """instruction, input, response, or one of PARTS, as JSON."""
    old: str
    new: str


@dataclass(slots=True)
class Treated:
    """A pair behind all rules."""

    text: PairText
    beside: Beside
    changes: list[Change] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    """Rule and tag."""
    exclusions: list[tuple[str, Exclusion]] = field(default_factory=list)
    """Rule and proposal; the first one counts, the others are further reasons."""

    @property
    def is_changed(self) -> bool:
        return bool(self.changes)

    @property
    def altered(self) -> dict[str, Any]:
        """What stands beside it, of the PARTS that a rule has altered."""
        names = {change.name for change in self.changes}
        return {name: getattr(self.beside, name) for name in PARTS if name in names}


def treat(
    rules: Sequence[Rule], pair: PairText, beside: Beside = NOTHING_BESIDE
) -> Treated:
    """What the rules make of a pair and of what stands beside it; or RuleFailed."""
    done = Treated(pair, beside)
    for rule in rules:
        outcome = _checked(rule, done)
        if outcome.is_empty:
            continue
        done.tags += [(rule.key, tag) for tag in outcome.tags]
        if outcome.exclusion:
            done.exclusions.append((rule.key, outcome.exclusion))
        if outcome.text is not None and _keeps_its_fields(done.text, outcome.text):
            done.changes += _changes(rule.key, done.text, outcome.text)
            done.text = outcome.text
        done.changes += _changes_beside(rule.key, done.beside, outcome)
        done.beside = _beside_after(done.beside, outcome)
    return done


def _checked(rule: Rule, done: Treated) -> Outcome:
    try:
        outcome = _asked(rule, done)
    except Exception as fault:  # a team's own rule may raise anything; the run ends
        raise RuleFailed(
            gettext("The rule %(rule)s died of %(fault)r.")
            % {"rule": rule.key, "fault": fault}
        ) from fault
    if not isinstance(outcome, Outcome):
        raise RuleFailed(
            gettext("The rule %(rule)s answered no Outcome.") % {"rule": rule.key}
        )
    for tag in outcome.tags:
        if not 0 < len(tag) <= MAX_TAG_CHARS or "\0" in tag:
            raise RuleFailed(
                gettext("The rule %(rule)s has a tag that cannot be: %(tag)r.")
                % {"rule": rule.key, "tag": tag}
            )
    for name in FIELDS if outcome.text else ():
        text = getattr(outcome.text, name)
        if "\0" in text or len(text) > 2 * MAX_FIELD_CHARS:
            raise RuleFailed(
                gettext(
                    "The rule %(rule)s made an %(name)s with a NUL, or of more than "
                    "%(most)s characters."
                )
                % {"rule": rule.key, "name": name, "most": f"{2 * MAX_FIELD_CHARS:,}"}
            )
    return outcome


def _asked(rule: Rule, done: Treated) -> Outcome:
    if reads_all(rule):
        return rule.check_all(done.text, done.beside)
    if done.beside.context and isinstance(rule, ReadsTurns):
        return rule.check_with(done.text, done.beside.context)
    return rule.check(done.text)


def _keeps_its_fields(old: PairText, new: PairText) -> bool:
    """A fix never takes a field's whole text away."""
    return all(
        getattr(new, name).strip() or not getattr(old, name).strip() for name in FIELDS
    )


def _changes(rule: str, old: PairText, new: PairText) -> list[Change]:
    texts = [(name, getattr(old, name), getattr(new, name)) for name in FIELDS]
    return [Change(rule, name, a, b) for name, a, b in texts if a != b]


def _changes_beside(rule: str, old: Beside, outcome: Outcome) -> Iterator[Change]:
    for name in PARTS:
        part = getattr(outcome, name)
        if part is not None:
            before = written(getattr(old, name))
            yield Change(rule, name, before, written(part))


def written(part: object) -> str:
    """Turns or columns as JSON, as a change keeps them."""
    return json.dumps(list(part) if isinstance(part, tuple) else part)


def _beside_after(old: Beside, outcome: Outcome) -> Beside:
    found = {name: getattr(outcome, name) for name in PARTS}
    fixed = {name: part for name, part in found.items() if part is not None}
    return replace(old, **fixed) if fixed else old
