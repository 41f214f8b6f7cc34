"""Webhooks: the one address of a project that its news is sent to, and what is put on
its way there (services/calling.py makes the calls).

Only what concerns the project goes out, not what is said to one person.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import Hook, HookCall, Project, User
from annotator.services.news import News

SENT = frozenset({Kind.JOB, Kind.FAILED, Kind.RUN, Kind.GATE, Kind.DRIFT, Kind.AUDIT})
"""Kinds that a hook is told."""


@transaction.atomic
def choose(*, project: Project, actor: User, url: str, is_on: bool = True) -> Hook:
    """Set the project's address, or switch it off and on; the secret stays.

    Raises:
        Invalid: it is no address that may be called.
    """
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    _require_callable(url)
    hook, _ = Hook.objects.update_or_create(
        project=project,
        defaults={"url": url, "is_on": is_on, "failures": 0, "problem": ""},
        create_defaults={"url": url, "is_on": is_on, "secret": secrets.token_hex(32)},
    )
    return hook


@transaction.atomic
def remove(*, project: Project, actor: User) -> None:
    """Forget the address, its secret and its calls."""
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    _locked(project).delete()


@transaction.atomic
def send_test(*, project: Project, actor: User) -> HookCall:
    """Put a call on its way that says nothing happened, for whoever sets it up.

    Raises:
        Invalid: there is no webhook, or it is switched off.
    """
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    hook = _locked(project)
    if not hook.is_on:
        raise Invalid(gettext("The webhook is switched off: switch it on first."))
    key = f"test:{uuid4()}"
    body: dict[str, object] = {
        "event": "test",
        "key": key,
        "project": project.home.slug,
        "about": "project-hook",
        "number": None,
        "by": actor.get_username(),
        "said": {},
        "at": timezone.now().isoformat(),
    }
    return HookCall.objects.create(
        hook=hook, key=key, body=json.dumps(body), next_at=timezone.now()
    )


@transaction.atomic
def renew_secret(*, project: Project, actor: User) -> Hook:
    """Sign with another secret from now on."""
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    hook = _locked(project)
    hook.secret = secrets.token_hex(32)
    hook.save(update_fields=["secret"])
    return hook


def _locked(project: Project) -> Hook:
    hook = Hook.objects.select_for_update().filter(project=project).first()
    if hook is None:
        raise Invalid(gettext("This project has no webhook."))
    return hook


def _require_callable(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or not parts.hostname or len(url) > 500 or not url.isprintable():
        raise Invalid(
            gettext("A webhook is an address that begins with https:// or http://.")
        )
    if parts.username or parts.password:
        raise Invalid(
            gettext("Leave user and password out of the address: calls are signed.")
        )


def queue(events: Iterable[News], project: Project) -> None:
    """Put events on their way, in the transaction of the deed; each once."""
    found = [each for each in events if each.kind in SENT]
    if not found:
        return
    hook = Hook.objects.filter(project=project, is_on=True).first()
    if hook is None:
        return
    now = timezone.now()
    HookCall.objects.bulk_create(
        (
            HookCall(hook=hook, key=each.key, body=_body(each), next_at=now)
            for each in found
        ),
        ignore_conflicts=True,
    )


def _body(event: News) -> str:
    return json.dumps(
        {
            "event": event.kind,
            "key": event.key,
            "project": event.project.home.slug,
            "about": event.about,
            "number": event.number,
            "by": event.by.get_username() if event.by else None,
            "said": event.said,
            "at": timezone.now().isoformat(),
        }
    )
