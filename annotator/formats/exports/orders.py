"""What can be asked of an export: the shape, the file, and which pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self

from annotator.domain.periods import FIRST_DAY, LAST_DAY, check_day
from annotator.domain.saying import gettext


class ExportShape(StrEnum):
    """What a row is."""

    ALPACA = "alpaca"
    MESSAGES = "messages"
    SHAREGPT = "sharegpt"
    PROMPT_COMPLETION = "prompt_completion"
    REVISIONS = "revisions"
    COACH = "coach"
    DPO = "dpo"
    KTO = "kto"
    AUDIT = "audit"


class ExportFile(StrEnum):
    """What the rows lie in."""

    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    HUB = "hub"
    """A zipped folder that Hugging Face's `datasets` loads."""


class Beside(StrEnum):
    """What goes out with the texts."""

    ALL = "all"
    """Ids, the file's own columns, and where each pair came from."""
    COLUMNS = "columns"
    """Ids and the file's own columns."""
    NOTHING = "nothing"


class RejectedSide(StrEnum):
    """What a preference is learned against."""

    DRAFT = "draft"
    RAW = "raw"
    HUNKS = "hunks"
    """The final text with one change that a person rejected: minimal pairs."""


class StateWanted(StrEnum):
    """Which pairs by where they are on their way."""

    ACCEPTED = "accepted"
    ALL = "all"
    EXCLUDED = "excluded"
    UNREVIEWED = "unreviewed"
    """Neither accepted nor excluded."""


class Looked(StrEnum):
    """Whether quality control looked at a pair."""

    JUDGED = "judged"
    UNJUDGED = "unjudged"


NO_CATEGORY = "-"
NO_COACH = 0
PACKED = (ExportFile.JSONL, ExportFile.CSV)
"""Files that may be compressed with gzip."""
PREFERENCES = (ExportShape.DPO, ExportShape.KTO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of a project's pairs; what is empty does not narrow."""

    state: StateWanted = StateWanted.ACCEPTED
    batch: int | None = None
    category: str = ""
    """NO_CATEGORY: those without one."""
    person: str = ""
    """User name of the author of the text."""
    coach: int | None = None
    """The coach version of the draft; NO_COACH: without a draft."""
    since: date | None = None
    """Accepted (else: come to its state) on this day (UTC) or later."""
    until: date | None = None
    looked: Looked | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError(
                gettext("since %(since)s is after until %(until)s")
                % {"since": self.since, "until": self.until}
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """One export, as it was asked for."""

    shape: ExportShape = ExportShape.ALPACA
    file: ExportFile = ExportFile.JSONL
    gzip: bool = False
    beside: Beside = Beside.ALL
    rejected: RejectedSide = RejectedSide.DRAFT
    """Of preferences."""
    wanted: Wanted = Wanted()

    def __post_init__(self) -> None:
        if self.gzip and self.file not in PACKED:
            raise ValueError(
                gettext("gzip goes with %(packed)s, not with %(file)s")
                % {"packed": ", ".join(PACKED), "file": self.file}
            )
        is_whole = self.shape == ExportShape.AUDIT
        if self.wanted.state != StateWanted.ACCEPTED and not is_whole:
            raise ValueError(
                gettext(
                    "state %(state)s: only an audit export holds pairs that are not "
                    "accepted"
                )
                % {"state": self.wanted.state}
            )

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote, or a person asked for; ValueError names the key.

        The keys of Wanted stand beside those of the order.
        """
        narrow = {field.name for field in fields(Wanted)}
        wide = {field.name for field in fields(cls)} - {"wanted"}
        if unknown := set(given) - narrow - wide:
            raise ValueError(
                gettext("unknown in an export: %(names)s")
                % {"names": ", ".join(sorted(unknown))}
            )
        read = {
            name: _READ[name](name, value)
            for name, value in given.items()
            if value not in (None, "")
        }
        wanted = Wanted(**{name: read.pop(name) for name in narrow & set(read)})
        return cls(**read, wanted=wanted)

    def as_dict(self) -> dict[str, Any]:
        """All that was asked for, flat, as JSON holds it; what is empty is left out."""
        flat = asdict(self)
        flat |= flat.pop("wanted")
        if self.shape not in PREFERENCES:
            del flat["rejected"]
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in flat.items()
            if value not in (None, "")
        }

    @property
    def ending(self) -> str:
        """Of the file's name, without the first dot."""
        if self.file == ExportFile.HUB:
            return "zip"
        return f"{self.file}.gz" if self.gzip else self.file.value


def _one_of(kind: type[StrEnum]) -> Any:
    def read(name: str, value: object) -> StrEnum:
        try:
            return kind(str(value))
        except ValueError:
            known = ", ".join(kind)
            raise ValueError(
                gettext("%(name)s must be one of %(known)s, got %(value)r")
                % {"name": name, "known": known, "value": value}
            ) from None

    return read


def _day(name: str, value: object) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        check_day(day)
    except ValueError:
        raise ValueError(
            gettext("%(name)s must be a day from %(first)s to %(last)s, got %(value)r")
            % {"name": name, "first": FIRST_DAY, "last": LAST_DAY, "value": value}
        ) from None
    return day


def _number(name: str, value: object) -> int:
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit()
    if is_digits and len(str(value)) < 19:
        return int(str(value))
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62:
        return value
    raise ValueError(
        gettext("%(name)s must be a whole number from 0 on, got %(value)r")
        % {"name": name, "value": value}
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(
            gettext("%(name)s must be a text without NUL, got %(value)r")
            % {"name": name, "value": value}
        )
    return value


def _truth(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(
        gettext("%(name)s must be true or false, got %(value)r")
        % {"name": name, "value": value}
    )


_READ: dict[str, Any] = {
    "shape": _one_of(ExportShape),
    "file": _one_of(ExportFile),
    "gzip": _truth,
    "beside": _one_of(Beside),
    "rejected": _one_of(RejectedSide),
    "state": _one_of(StateWanted),
    "looked": _one_of(Looked),
    "batch": _number,
    "coach": _number,
    "category": _text,
    "person": _text,
    "since": _day,
    "until": _day,
}
