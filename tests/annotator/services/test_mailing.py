"""Notices by mail: to whom, when, once, and again where it failed."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from annotator.domain.news import Kind, Way
from annotator.models import Membership, Notice
from annotator.services import commenting, mailing, telling
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture(autouse=True)
def server(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_ADDRESS = "https://coach.example.org"


@pytest.fixture
def lena(project, lena):
    lena.email = "lena@example.org"
    lena.save()
    telling.choose(person=lena, chosen={Kind.MENTION: Way.AT_ONCE})
    return lena


def mention(project, anna, body: str = "@lena look") -> None:
    commenting.comment(pair=project.pairs.first(), author=anna, body=body)


def test_a_mention_is_mailed_at_once_and_once(project, anna, lena):
    mention(project, anna)

    sent = [mailing.send_at_once() for _ in range(2)]

    assert sent == [1, 0]
    [message] = mail.outbox
    pair = project.pairs.first().pk
    assert message.to == ["lena@example.org"]
    assert message.subject == f"demo: anna mentioned you about pair {pair}."
    assert f"https://coach.example.org/p/demo/pairs/{pair}/" in message.body
    assert "@lena look" in message.body


def test_what_was_read_or_is_not_wanted_is_not_mailed(project, anna, lena):
    mention(project, anna)
    telling.mark_all_read(lena)
    telling.choose(person=lena, chosen={Kind.MENTION: Way.INBOX})
    mention(project, anna)

    assert mailing.send_at_once() == mailing.send_digests() == 0


def test_without_a_server_nothing_is_sent_and_it_waits(project, anna, lena, settings):
    settings.EMAIL_HOST = ""
    mention(project, anna)

    assert mailing.send_at_once() == 0
    settings.EMAIL_HOST = "mail.example.org"
    assert mailing.send_at_once() == 1


def test_a_mail_that_fails_is_sent_again_and_harms_no_other(
    project, anna, lena, rosa, monkeypatch
):
    rosa.email = "rosa@example.org"
    rosa.notices = {"mention": "at once"}
    rosa.save()
    mention(project, anna, "@lena @rosa look")
    send = EmailBackend.send_messages

    def refuse(self, messages):
        if messages[0].to == ["lena@example.org"]:
            raise smtplib.SMTPRecipientsRefused({})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert mailing.send_at_once() == 1
    monkeypatch.undo()

    assert mailing.send_at_once() == 1
    assert [each.to for each in mail.outbox] == [
        ["rosa@example.org"],
        ["lena@example.org"],
    ]


@pytest.fixture
def clock(monkeypatch):
    """Sets the time, in UTC."""

    def set_to(hour: int, minute: int = 0, day: int = 3, month: int = 6) -> datetime:
        now = datetime(2026, month, day, hour, minute, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: now)
        return now

    return set_to


def test_a_digest_holds_what_came_before_eight(project, anna, lena, clock):
    telling.choose(person=lena, chosen={Kind.MENTION: Way.DIGEST})
    clock(6)
    mention(project, anna)
    mention(project, anna, "@lena again")
    clock(8, 1)
    mention(project, anna, "@lena once more")

    sent = []
    for hour, minute in [(7, 59), (8, 1), (9, 0), (23, 59)]:
        clock(hour, minute)
        sent.append(mailing.send_digests())

    assert sent == [0, 1, 0, 0]
    assert mail.outbox[0].subject == "CoachLM: 2 notices"
    clock(8, 0, day=4)
    assert mailing.send_digests() == 1
    assert "@lena once more" in mail.outbox[1].body


@pytest.mark.parametrize(
    ("zone", "month", "hour", "minute"),
    [
        ("Asia/Shanghai", 6, 0, 0),
        ("Europe/Berlin", 6, 6, 0),
        ("Europe/Berlin", 1, 7, 0),
        ("America/Los_Angeles", 6, 15, 0),
        ("Asia/Kathmandu", 6, 2, 15),
        ("", 6, 8, 0),
        ("Mars/Olympus", 6, 8, 0),
    ],
)
def test_it_comes_at_eight_where_the_person_is(
    project, anna, lena, clock, zone, month, hour, minute
):
    lena.time_zone = zone
    lena.notices = {"mention": "digest"}
    lena.save()
    due = clock(hour, minute, month=month)
    Notice.objects.all().delete()
    mention(project, anna)
    Notice.objects.update(at=due - timedelta(minutes=90))

    early = due - timedelta(minutes=1)
    clock(early.hour, early.minute, day=early.day, month=month)
    before = mailing.send_digests()
    clock(hour, minute, month=month)

    assert (before, mailing.send_digests()) == (0, 1)


@pytest.mark.parametrize("way", [Way.AT_ONCE, Way.DIGEST])
def test_a_mail_is_in_the_language_of_whoever_gets_it(
    project, anna, lena, rosa, clock, way
):
    for person, language in ((lena, "zh-hans"), (rosa, "")):
        person.email = f"{person.username}@example.org"
        person.language = language
        person.notices = {"mention": way}
        person.save()
    clock(7)
    mention(project, anna, "@lena @rosa look")
    clock(8)

    mailing.send_at_once() if way == Way.AT_ONCE else mailing.send_digests()

    by = {message.to[0]: message for message in mail.outbox}
    assert "mentioned you" not in by["lena@example.org"].body
    assert "提到" in by["lena@example.org"].body
    assert "mentioned you" in by["rosa@example.org"].body


def test_who_left_or_has_no_address_gets_no_mail(project, anna, lena, rosa):
    rosa.notices = {"mention": "at once"}
    rosa.save()
    mention(project, anna, "@lena @rosa look")
    Membership.objects.filter(user=lena).delete()

    assert mailing.send_at_once() == 0


def test_a_name_with_line_ends_stays_in_its_line(project, anna, lena):
    project.name = "demo\r\nBcc: all@example.org"
    project.save()
    mention(project, anna)

    mailing.send_at_once()

    assert mail.outbox[0].subject.startswith("demo Bcc: all@example.org: anna")
