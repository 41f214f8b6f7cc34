"""Webhooks: signed, sent once, retried, switched off, and never turned inwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.news import Kind
from annotator.models import Hook, HookCall, Notice
from annotator.services import calling, hooks, telling
from annotator.services.news import News
from tests import factories

pytestmark = pytest.mark.django_db


class Receiver(HTTPServer):
    """Answers each call with `status`, and remembers it."""

    status = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/news"


class Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def inwards(monkeypatch) -> None:
    """The receiver of the tests is on this machine."""
    monkeypatch.setattr(calling, "refused", lambda _host: "")


@pytest.fixture
def hook(project, ada, receiver, inwards) -> Hook:
    return hooks.choose(project=project, actor=ada, url=receiver.url)


def ring(project, number: int = 1, kind: Kind = Kind.DRIFT) -> None:
    event = News(
        kind=kind,
        project=project,
        about=Notice.About.DRIFT,
        key=f"drift:{number}",
        said={"alarms": number},
    )
    telling.tell(event, [])


def call_all() -> list[bool]:
    return [calling.call(call_id) for call_id in calling.due()]


def test_an_event_is_sent_once_and_signed(project, hook, receiver):
    for _ in range(2):
        ring(project)

    assert call_all() == [True]
    assert call_all() == []

    [(headers, body)] = receiver.got
    assert headers["X-CoachLM-Signature"] == calling.signature(hook.secret, body)
    sent = json.loads(body)
    assert (sent["event"], sent["said"]) == ("drift", {"alarms": 1})
    hook.refresh_from_db()
    assert (hook.status, hook.failures, hook.problem) == (204, 0, "")


def test_what_is_said_to_one_person_is_not_sent(project, hook):
    ring(project, kind=Kind.MENTION)

    assert calling.due() == []


@pytest.mark.parametrize("status", [500, 302])
def test_a_call_that_is_not_taken_waits_longer_each_time(
    project, hook, receiver, status
):
    receiver.status = status
    ring(project)
    waits = []
    for _ in calling.WAITS:
        HookCall.objects.update(next_at=timezone.now())
        assert call_all() == [False]
        waits.append(HookCall.objects.get().next_at - timezone.now())

    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=50)
    HookCall.objects.update(next_at=timezone.now())
    call_all()
    assert HookCall.objects.get().next_at is None
    hook.refresh_from_db()
    assert hook.problem == f"HTTP {status}"


def test_after_ten_failures_it_is_off_and_the_admins_are_told(
    project, hook, receiver, ada
):
    receiver.status = 500
    for number in range(12):
        ring(project, number)

    call_all()

    hook.refresh_from_db()
    assert not hook.is_on
    assert len(receiver.got) == 10
    assert [each.kind for each in Notice.objects.filter(person=ada)] == [Kind.HOOK]
    ring(project, 99)
    assert not HookCall.objects.filter(key="drift:99").exists()


def test_a_server_that_is_not_there_is_a_failure_and_no_fault(project, ada, inwards):
    hooks.choose(project=project, actor=ada, url="http://127.0.0.1:1/")
    ring(project)

    assert call_all() == [False]
    assert "ConnectError" in Hook.objects.get().problem


def test_two_callers_do_not_send_the_same(project, hook, receiver):
    ring(project)
    [call_id] = calling.due()

    assert calling._claim(call_id)
    assert not calling.call(call_id)
    assert receiver.got == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "::1", "0.0.0.0", "224.0.0.1"],  # noqa: S104
)
def test_this_machine_and_the_networks_own_addresses_are_not_called(project, ada, host):
    address = f"[{host}]" if ":" in host else host
    hooks.choose(project=project, actor=ada, url=f"http://{address}/")
    ring(project)

    assert call_all() == [False]
    assert host in Hook.objects.get().problem


@pytest.mark.parametrize(
    "url",
    ["ftp://host/", "//host", "https://", "https://me:secret@host/", "http://h:99999/",
     "file:///etc/passwd", "https://h/\n", "https://" + "h" * 600],
)  # fmt: skip
def test_what_is_no_address_for_it_is_refused(project, ada, url):
    with pytest.raises(Invalid):
        hooks.choose(project=project, actor=ada, url=url)

    assert not Hook.objects.exists()


def test_only_an_admin_sets_it_and_a_new_secret_signs(project, hook, ada, lena):
    with pytest.raises(NotAllowed):
        hooks.choose(project=project, actor=lena, url="https://host/")

    renewed = hooks.renew_secret(project=project, actor=ada)

    assert renewed.secret != hook.secret
    assert len(renewed.secret) == 64
    changed = hooks.choose(project=project, actor=ada, url="https://host/")
    assert changed.secret == renewed.secret
