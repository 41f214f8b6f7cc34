"""Accepted reviews: what a coach may learn from, and the ways to ask for some."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.domain.periods import FIRST_DAY, LAST_DAY, check_day
from annotator.domain.states import Arm
from annotator.models import Project, Review, User, Verdict


class Control(StrEnum):
    """How quality control came to take a review."""

    AT_ONCE = "at_once"
    CORRECTED = "corrected"
    """After it had sent an earlier text of the pair back."""
    FIXED = "fixed"
    """It mended the text itself."""
    UNSEEN = "unseen"
    """Nobody looked: not drawn, or accepted in bulk."""
    IMPORTED = "imported"
    """It came with the import, as accepted."""


_SENT_BACK = Review.objects.filter(
    pair=OuterRef("pair"), verdict__accepted=False, pk__lt=OuterRef("pk")
)
WAS_CORRECTED = Exists(_SENT_BACK)
UNSEEN = (Verdict.Kind.UNSAMPLED, Verdict.Kind.BULK)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewQuery:
    """Which of a project's accepted reviews; what is empty does not narrow."""

    since: date | None = None
    """Accepted on this day (UTC) or later."""
    until: date | None = None
    """Accepted on this day (UTC) or earlier."""
    people: tuple[str, ...] = ()
    """User names of the authors."""
    arm: str = ""
    control: str = ""

    def __post_init__(self) -> None:
        for name, known in (("arm", Arm), ("control", Control)):
            value = getattr(self, name)
            if value and value not in [choice.value for choice in known]:
                choices = ", ".join(choice.value for choice in known)
                raise ValueError(
                    gettext("%(name)s must be one of %(known)s, got %(value)r")
                    % {"name": name, "known": choices, "value": value}
                )
        if self.since and self.until and self.since > self.until:
            raise ValueError(
                gettext("since %(since)s is after until %(until)s")
                % {"since": self.since, "until": self.until}
            )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `as_dict` wrote; ValueError names the key that is wrong."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(
                gettext("unknown in a query: %(names)s")
                % {"names": ", ".join(sorted(unknown))}
            )
        kept = {name: value for name, value in values.items() if value}
        for name in ("since", "until"):
            if isinstance(kept.get(name), str):
                kept[name] = _day(name, kept[name])
        people = kept.get("people", ())
        kept["people"] = (people,) if isinstance(people, str) else tuple(people)
        return cls(**kept)

    def as_dict(self) -> dict[str, Any]:
        """What narrows, as JSON holds it."""
        given = {name: value for name, value in asdict(self).items() if value}
        for name in ("since", "until"):
            if name in given:
                given[name] = given[name].isoformat()
        if self.people:
            given["people"] = list(self.people)
        return given


def _day(name: str, typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
        check_day(day)
        return day
    except ValueError:
        raise ValueError(
            gettext("%(name)s must be a day from %(first)s to %(last)s, got %(value)r")
            % {"name": name, "first": FIRST_DAY, "last": LAST_DAY, "value": typed}
        ) from None


def reviews(project: Project, query: ReviewQuery) -> QuerySet[Review]:
    """The accepted reviews that a query asks for.

    Invalid names a person who is not known.
    """
    found = Review.objects.filter(pair__project=project, verdict__accepted=True)
    if query.since:
        found = found.filter(verdict__created_at__gte=_midnight(query.since))
    if query.until:
        after = _midnight(query.until + timedelta(days=1))
        found = found.filter(verdict__created_at__lt=after)
    if query.people:
        found = found.filter(author__in=_authors(query.people))
    if query.arm:
        found = found.filter(arm=query.arm)
    return _taken_by(query.control, found)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _authors(names: tuple[str, ...]) -> list[int]:
    by_name = dict(
        User.objects.filter(username__in=names).values_list("username", "pk")
    )
    if unknown := [name for name in names if name not in by_name]:
        raise Invalid(
            gettext("There is nobody called %(names)s.") % {"names": ", ".join(unknown)}
        )
    return list(by_name.values())


def _taken_by(control: str, found: QuerySet[Review]) -> QuerySet[Review]:
    match control:
        case Control.IMPORTED:
            return found.filter(is_imported=True)
        case Control.CORRECTED:
            return found.filter(WAS_CORRECTED)
        case Control.AT_ONCE:
            judged = found.filter(verdict__kind=Verdict.Kind.JUDGED)
            return judged.filter(~WAS_CORRECTED, is_imported=False, verdict__fix=None)
        case Control.FIXED:
            return found.filter(verdict__fix__isnull=False)
        case Control.UNSEEN:
            return found.filter(verdict__kind__in=UNSEEN)
    return found
