"""Whether training is installed here, in a sentence for people and for programs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from training import selectors
from training.causes import Cause
from training.installation import Installation, State

TOLD_SECONDS = 3600.0
"""For how long it is said that training is ready."""
REMEDIES = {
    Cause.NETWORK: gettext_lazy(
        "Its packages could not be fetched: see that this machine reaches the package "
        "index."
    ),
    Cause.DISK: gettext_lazy("The disk is full: make room."),
    Cause.PERMISSION: gettext_lazy(
        "The folder .venv or var cannot be written to: give the user of ./coachlm up "
        "the right to."
    ),
}


def held() -> tuple[str, ...]:
    """Queues whose workers wait to be started until all is installed."""
    found = selectors.installation()
    return found.holds if found and found.is_pending else ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of it now."""

    says: str
    state: str
    """A training.installation.State."""

    @property
    def is_failed(self) -> bool:
        return self.state == State.FAILED


def waits() -> Told | None:
    """Why runs that are asked for now wait; None where they do not for that."""
    found = selectors.installation()
    if found is None or not found.is_pending:
        return None
    return Told(_pending(found), found.state)


def told() -> Told | None:
    """Why training waits, or that it has just become ready; else None."""
    found = selectors.installation()
    if found is None or found.is_pending:
        return waits()
    if time.time() - found.ended_at > TOLD_SECONDS:
        return None
    since = _("Training is ready, since %(time)s.") % {"time": _clock(found.ended_at)}
    return Told(since, found.state)


def _pending(found: Installation) -> str:
    if found.state == State.FAILED:
        return _failed(found)
    so_far = _("Training is being installed: %(n)d min so far%(doing)s.") % {
        "n": found.minutes,
        "doing": f" ({found.doing})" if found.doing else "",
    }
    return f"{so_far} {_drafting(found)}"


def _failed(found: Installation) -> str:
    remedy = REMEDIES.get(Cause(found.cause)) if found.cause else found.problem
    told = _(
        "Training could not be installed. %(remedy)s It is tried again at %(time)s; "
        "./coachlm install does it at once, and its log is var/log/install.log."
    ) % {"remedy": _sentence(str(remedy)), "time": _clock(found.tries_at)}
    return f"{told} {_drafting(found)}"


def _drafting(found: Installation) -> str:
    if "engine" in found.holds:
        return _("Drafting needs the same packages here, and waits, too.")
    return _("Drafting works already.")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "。")) else f"{words}."


def _clock(moment: float) -> str:
    return f"{localtime(datetime.fromtimestamp(moment, UTC)):%H:%M}"
