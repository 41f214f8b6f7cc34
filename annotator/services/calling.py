"""Calling webhooks: a signed POST, retried, and the hook switched off where nobody
answers.

The server makes these calls, so an address that is its own, or the network's own, is
refused when it is looked up.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import Hook, HookCall, Notice
from annotator.services import telling
from annotator.services.news import News

WAITS = (60, 300, 1800, 7200, 28_800)
"""Seconds before the next try; after the last one a call is given up."""
MOST_FAILURES = 10
"""Failed calls, one after the other, after which a hook is switched off."""
TIMEOUT = 10.0
KEPT = timedelta(days=30)
CLAIMED = timedelta(seconds=60)
"""A caller that dies is followed by another one after this."""


def due() -> list[int]:
    """Calls to be made now (primary keys), the oldest first."""
    found = HookCall.objects.filter(next_at__lte=timezone.now(), hook__is_on=True)
    return list(found.order_by("next_at").values_list("pk", flat=True)[:100])


def call(call_id: int) -> bool:
    """Make one call; whether it was taken. False, too, if another caller has it."""
    waiting = _claim(call_id)
    if waiting is None:
        return False
    status, problem = _post(waiting)
    _store(waiting, status, problem)
    return not problem


@transaction.atomic
def _claim(call_id: int) -> HookCall | None:
    """Not held during the call itself: the row says until when it is somebody's."""
    rows = HookCall.objects.select_related("hook__project")
    held = rows.select_for_update(skip_locked=True, of=("self",))
    waiting = held.filter(
        pk=call_id, next_at__lte=timezone.now(), hook__is_on=True
    ).first()
    if waiting:
        waiting.tries += 1
        waiting.next_at = timezone.now() + CLAIMED
        waiting.save(update_fields=["tries", "next_at"])
    return waiting


def signature(secret: str, body: bytes) -> str:
    """What X-CoachLM-Signature says: HMAC-SHA256 of the body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _post(waiting: HookCall) -> tuple[int | None, str]:
    """Status, and why it was not taken (empty: it was). Follows no redirect."""
    hook, body = waiting.hook, waiting.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "CoachLM",
        "X-CoachLM-Delivery": str(waiting.pk),
        "X-CoachLM-Signature": signature(hook.secret, body),
    }
    try:
        if why := refused(urlsplit(hook.url).hostname or ""):
            return None, why
        with httpx.stream(
            "POST", hook.url, content=body, headers=headers, timeout=TIMEOUT
        ) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as fault:
        return None, f"{type(fault).__name__}: {fault}"[:300]
    return status, "" if 200 <= status < 300 else f"HTTP {status}"


def refused(host: str) -> str:
    """Why a host is not called: it is this machine, or the network's own. Empty: none.

    OSError if its name is not known.
    """
    for *_rest, where in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
        found = ipaddress.ip_address(str(where[0]).split("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        if found.is_loopback or found.is_link_local or found.is_unspecified:
            return gettext(
                "%(host)s is this machine, or the network's own address."
            ) % {"host": host}
        if found.is_multicast:
            return gettext("%(host)s is not one machine.") % {"host": host}
    return ""


@transaction.atomic
def _store(waiting: HookCall, status: int | None, problem: str) -> None:
    hook = Hook.objects.select_for_update().get(pk=waiting.hook_id)
    hook.called_at, hook.status, hook.problem = timezone.now(), status, problem
    hook.failures = hook.failures + 1 if problem else 0
    waiting.next_at = _next(waiting) if problem else None
    waiting.save(update_fields=["next_at"])
    is_over = hook.failures >= MOST_FAILURES and hook.is_on
    hook.is_on = hook.is_on and not is_over
    hook.save()
    if is_over:
        _tell_of_end(hook)


def _tell_of_end(hook: Hook) -> None:
    event = News(
        kind=Kind.HOOK,
        project=hook.project,
        about=Notice.About.HOOK,
        key=f"hook:{hook.pk}:{hook.called_at}",
        said={"failures": hook.failures, "problem": hook.problem},
    )
    telling.tell(event, telling.those_who(hook.project, Deed.CHANGE_SETTINGS))


def _next(waiting: HookCall) -> datetime | None:
    if waiting.tries > len(WAITS):
        return None
    return timezone.now() + timedelta(seconds=WAITS[waiting.tries - 1])


def forget_old() -> int:
    """Sweep: delete calls older than KEPT; how many."""
    return HookCall.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
