"""Notices by mail: at once, or once a day. The row is the job: what could not be sent
is tried again by the next sweep, for a while."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.domain import news
from annotator.domain.news import Kind, Way
from annotator.models import Notice, User
from annotator.selectors import inbox
from annotator.services import notice_words
from annotator.services.notice_words import ToldNotice

logger = logging.getLogger(__name__)
DIGEST_HOUR = 8
"""Of the person's own day."""
GIVES_UP = timedelta(days=2)
"""How old a notice may be that is still mailed."""
MOST = 100
"""Notices in one mail, the newest; the others stand in the inbox."""


def is_possible() -> bool:
    """Whether there is a mail server."""
    return bool(settings.EMAIL_HOST)


def send_at_once() -> int:
    """Sweep: mail what people want to have at once; how many mails went."""
    now = timezone.now()
    return sum(_mail(person, Way.AT_ONCE, now) for person in _waiting(now))


def send_digests() -> int:
    """Sweep: mail what came before this morning, unless it was; how many mails went.

    Safe to run at any time and twice: before DIGEST_HOUR where the person is it does
    nothing.
    """
    now = timezone.now()
    mornings = [(person, _morning(person, now)) for person in _waiting(now)]
    return sum(
        _mail(person, Way.DIGEST, morning)
        for person, morning in mornings
        if now >= morning
    )


def _morning(person: User, now: datetime) -> datetime:
    """DIGEST_HOUR of the day that it is where the person is."""
    here = now.astimezone(ZoneInfo(_zone(person)))
    return here.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)


def _zone(person: User) -> str:
    known = person.time_zone in available_timezones()
    return person.time_zone if known else settings.TIME_ZONE


def _waiting(until: datetime) -> list[User]:
    """Whom a mail could be sent to: nobody where there is no mail server."""
    if not is_possible():
        return []
    waiting = _unmailed(until).exclude(person__email="")
    people = User.objects.filter(pk__in=waiting.values("person"), is_active=True)
    return list(people.order_by("pk"))


def _unmailed(until: datetime, person: User | None = None) -> QuerySet[Notice]:
    """Unread ones; who has read it needs no mail."""
    since = timezone.now() - GIVES_UP
    found = Notice.objects.all() if person is None else inbox.of(person)
    return found.filter(mailed_at=None, read_at=None, at__gte=since, at__lt=until)


def _mail(person: User, way: Way, until: datetime) -> bool:
    """Send one mail; False if there is nothing to send, or it could not be sent.

    The rows are locked meanwhile, so that a second worker passes over them. A worker
    that dies between the two may send it twice, and never not at all.
    """
    kinds = [kind for kind in Kind if news.way(person.notices, kind) == way]
    with transaction.atomic():
        mine = _unmailed(until, person).filter(kind__in=kinds).order_by("-pk")
        locked = mine.select_related("project", "by")
        rows = list(locked.select_for_update(skip_locked=True, of=("self",)))
        if not rows:
            return False
        with translation.override(person.language or settings.LANGUAGE_CODE):
            message = _message(person, notice_words.told(person, rows[:MOST]), way)
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as fault:
            logger.warning("No mail to %s: %s", person.get_username(), fault)
            return False
        told = Notice.objects.filter(pk__in=[each.pk for each in rows])
        told.update(mailed_at=timezone.now())
        return True


def _message(person: User, told: list[ToldNotice], way: Way) -> EmailMessage:
    lines = [line for each in told for line in (*_lines(each), "")]
    lines.append(_("You choose what is mailed to you in the inbox."))
    return EmailMessage(
        subject=_subject(told, way), body="\n".join(lines), to=[person.email]
    )


def _subject(told: list[ToldNotice], way: Way) -> str:
    """One line, whatever the names in it hold."""
    if way == Way.AT_ONCE and len(told) == 1:
        words = f"{told[0].project}: {told[0].sentence}"
    else:
        n = len(told)
        words = ngettext("CoachLM: %(n)s notice", "CoachLM: %(n)s notices", n)
        words = words % {"n": n}
    return Truncator(" ".join(words.split())).chars(150)


def _lines(each: ToldNotice) -> Iterable[str]:
    yield f"{each.project}: {each.sentence}"
    if each.more:
        yield f"  {Truncator(each.more).chars(300)}"
    if settings.SITE_ADDRESS:
        yield f"  {settings.SITE_ADDRESS}{each.address}"
