"""What people are told about, and how each of it reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a notice is about."""

    RETURNED = "returned"
    ACCEPTED = "accepted"
    DAY = "day"
    """All that was accepted of a person in a day, looked at or not."""
    MENTION = "mention"
    REPLY = "reply"
    SKIP = "skip"
    JOB = "job"
    """An import, an export, a run of rules or a rewrite is done."""
    FAILED = "failed"
    """One of them failed, or stands still."""
    RUN = "run"
    GATE = "gate"
    DRIFT = "drift"
    AUDIT = "audit"
    RATE = "rate"
    """One is asked to rate texts."""
    HOOK = "hook"
    """The project's webhook was switched off, since nobody answered it."""


class Way(StrEnum):
    """How a kind reaches a person."""

    NONE = "none"
    """Not at all."""
    INBOX = "off"
    """In the inbox, and no mail."""
    DIGEST = "digest"
    AT_ONCE = "at once"


BY_DEFAULT: dict[Kind, Way] = {
    **dict.fromkeys(Kind, Way.INBOX),
    Kind.ACCEPTED: Way.NONE,
    Kind.RETURNED: Way.DIGEST,
    Kind.MENTION: Way.DIGEST,
    Kind.REPLY: Way.DIGEST,
    Kind.FAILED: Way.DIGEST,
    Kind.RATE: Way.DIGEST,
}
MAY_BE_NONE = frozenset({Kind.ACCEPTED, Kind.DAY, Kind.JOB})
"""Kinds that a person may not want to hear of; all others stand in the inbox."""


def way(chosen: Mapping[str, object], kind: Kind) -> Way:
    """The way that a person chose for a kind (`User.notices`); what nobody chose, or
    cannot be chosen, is as by default."""
    try:
        found = Way(str(chosen.get(kind)))
    except ValueError:
        return BY_DEFAULT[kind]
    if found == Way.NONE and kind not in MAY_BE_NONE:
        return BY_DEFAULT[kind]
    return found
