"""Wrong passwords and codes: of whom doors count them, when they open again, and who
may open them before.

allauth counts, in the cache that all web processes share (docs/adr/0035).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from allauth.account import app_settings as account
from allauth.core.internal import ratelimit
from allauth.mfa import app_settings as mfa
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.models import SharedCacheRow, User
from annotator.services import accounts

WRONG = "login_failed"
"""allauth's word for what is counted: a password or a code that did not fit."""


def of_name(typed: str) -> str:
    """Under which key tries for a user name or mail address are counted: a person has
    one, by whatever name and at whatever address of the server they are tried."""
    name = typed.strip().casefold()
    called = Q(username__iexact=name) | Q(email__iexact=name)
    found = User.objects.filter(called).order_by("pk").values_list("pk", flat=True)
    number = found.first() if name else None
    return f"name:{name}" if number is None else of_person(number)


def of_person(number: int) -> str:
    return f"person:{number}"


def of_codes(number: int) -> str:
    """Under which key allauth counts the codes of a person's second factors."""
    return f"mfa-auth-user-{number}"


def seconds_left(
    request: HttpRequest, key: str = "", actions: Iterable[str] = (WRONG,)
) -> int:
    """Until the actions are allowed again from this address, to this person and under
    the key: the longest wait of all their limits; 0 if none is used up."""
    counts = {
        ratelimit.get_cache_key(request, app=app, action=name, rate=rate, key=key): rate
        for app, config in _CONFIGS
        for name in actions
        for rate in ratelimit.get_rates(app=app, action=name, config=config())
        if rate.per != "key" or key
        if rate.per != "user" or request.user.is_authenticated
    }
    return _longest(counts)


def longest_wait(request: HttpRequest) -> int:
    """As `seconds_left`, of all actions that are counted by address and person."""
    return seconds_left(
        request, actions={name for _app, config in _CONFIGS for name in config()}
    )


def seconds_shut(person: User) -> int:
    """For how long nobody may try a password or a code of this person; 0: they may."""
    return _longest(_counts_of(person))


def open_again(*, person: User, actor: User) -> None:
    """Forget wrong tries for a person: they may try again at once.

    Raises:
        NotAllowed: the actor does not look after the account.
    """
    accounts.require_care(actor, person)
    cache.delete_many(list(_counts_of(person)))


def sentence(seconds: int) -> str:
    """For whoever stands before a door that is shut."""
    if seconds <= 60:
        words = ngettext(
            "Too many tries: wait %(count)s second, then try again.",
            "Too many tries: wait %(count)s seconds, then try again.",
            seconds,
        )
        return words % {"count": max(seconds, 1)}
    minutes = math.ceil(seconds / 60)
    words = ngettext(
        "Too many tries: wait %(count)s minute, then try again.",
        "Too many tries: wait %(count)s minutes, then try again.",
        minutes,
    )
    told = words % {"count": minutes}
    return told + " " + _("An admin of your project can open the door before.")


def forget_old() -> int:
    """Sweep: delete counts that nobody asks for any more; how many."""
    over = timezone.now() - timedelta(minutes=1)
    return SharedCacheRow.objects.filter(expires__lt=over).delete()[0]


_CONFIGS: tuple[tuple[str, Callable[[], dict[str, str]]], ...] = (
    ("allauth.account", lambda: account.RATE_LIMITS),
    ("allauth.mfa", lambda: mfa.RATE_LIMITS),
)


def _counts_of(person: User) -> dict[str, ratelimit.Rate]:
    """Where wrong passwords and codes of a person are counted."""
    app, config = _CONFIGS[0]
    rates = ratelimit.get_rates(app=app, action=WRONG, config=config())
    return {
        # By key alone: of no request.
        ratelimit.get_cache_key(None, app=app, action=WRONG, rate=rate, key=key): rate
        for key in (of_person(person.pk), of_codes(person.pk))
        for rate in rates
        if rate.per == "key"
    }


def _longest(counts: dict[str, ratelimit.Rate]) -> int:
    now = time.time()
    found = cache.get_many(list(counts))
    return max((_wait(found[name], counts[name], now) for name in found), default=0)


def _wait(moments: list[float], rate: ratelimit.Rate, now: float) -> int:
    """Seconds until one more is allowed; `moments`: those counted, newest first."""
    is_allowed, counted = ratelimit.apply_rate(list(moments), now, rate, dry_run=True)
    if is_allowed:
        return 0
    until: float = counted[rate.amount - 1] + rate.duration
    return math.ceil(until - now)
