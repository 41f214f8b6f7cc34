"""What a rule is, and what it can make of a pair: a fix, tags, a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Protocol, TypeAlias, TypeGuard, runtime_checkable

from annotator.domain.rubric import ExclusionReason
from revision_engine.types import PairText

MAX_TAG_CHARS = 40
Setting: TypeAlias = bool | int | float | str | tuple[str, ...]


class UnusableSetting(ValueError):
    """A rule's setting has a value that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a rule sets a pair aside, with a sentence that quotes the trigger."""

    reason: ExclusionReason
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside the texts of a pair, and goes out with them."""

    context: Sequence[Mapping[str, Any]] = ()
    """The turns before it."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """How its file wrote it; of a chat also what else its turns said, and the turns
    behind it (formats/shapes/exchanges)."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """The file's other columns."""


PARTS = tuple(each.name for each in fields(Beside))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one rule makes of one pair; nothing, unless something is said."""

    text: PairText | None = None
    """The pair as fixed; None if there is nothing to fix."""
    context: tuple[Mapping[str, Any], ...] | None = None
    """The turns before it as fixed; None if there is nothing to fix, or they were not
    shown."""
    shape: Mapping[str, Any] | None = None
    """The same of the rest of its chat."""
    extra: Mapping[str, Any] | None = None
    """The same of the file's other columns."""
    tags: tuple[str, ...] = ()
    """Words that the pair can be found by, of up to 40 characters."""
    exclusion: Exclusion | None = None

    @property
    def is_empty(self) -> bool:
        return self == NOTHING


NOTHING = Outcome()


class Rule(Protocol):
    """A frozen dataclass whose fields are its settings, with a default each.

    A field is a bool, int, float, str or tuple of str. `__post_init__` raises
    UnusableSetting where a value cannot be used. One object serves a whole run.
    """

    key: ClassVar[str]
    """Its name in rows and addresses: small letters, digits, underlines."""

    def check(self, pair: PairText) -> Outcome:
        """What it makes of a pair. Of the same pair always the same."""
        ...


@runtime_checkable
class ReadsTurns(Protocol):
    """A rule that is asked with the turns before a pair, where there are any."""

    def check_with(
        self, pair: PairText, context: Sequence[Mapping[str, Any]]
    ) -> Outcome:
        """What it makes of the pair and of them."""
        ...


class ReadsAll(Protocol):
    """A rule that is asked with all that stands beside a pair."""

    def check_all(self, pair: PairText, beside: Beside) -> Outcome:
        """What it makes of the pair and of that."""
        ...


def reads_all(rule: object) -> TypeGuard[ReadsAll]:
    """Whether a rule is one of these."""
    return hasattr(rule, "check_all")
