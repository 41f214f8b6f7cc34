"""Of every kind of news: what happens, who hears of it, and by which ways."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation

from annotator import tasks
from annotator.domain.news import Kind, Way
from annotator.domain.states import SkipPolicy
from annotator.models import (
    BackboneComparison,
    Batch,
    Draft,
    DriftCheck,
    Hook,
    HookCall,
    Notice,
    Project,
    Rewrite,
    User,
    Verdict,
)
from annotator.selectors import inbox
from annotator.services import (
    bulk_accepting,
    calling,
    commenting,
    comparing_backbones,
    exporting,
    hooks,
    importing,
    mailing,
    notice_words,
    parking,
    quality,
    receiving,
    rewriting,
    running_rules,
    skipping,
    telling_of_work,
)
from revision_engine.types import DraftResult
from tests import blind, factories
from training.models import CoachVersion, Evaluation, Snapshot, TrainingRun

pytestmark = pytest.mark.django_db
People = dict[str, User]


@pytest.fixture
def project():
    project = factories.make_drafted(8, drafts_ahead=100)
    Draft.objects.update(mean_logprob=-0.1)
    return project


@pytest.fixture
def people(project, anna, ben, rosa, lena, ada) -> People:
    """All want all of it by the way that a test sets; ben never does anything."""
    found = {each.username: each for each in (anna, ben, rosa, lena, ada)}
    for person in found.values():
        person.email = f"{person.username}@example.org"
        person.notices = dict.fromkeys(Kind, Way.AT_ONCE)
        person.save()
    return found


def _returned(project: Project, people: People) -> None:
    factories.review(project, people["anna"])
    lease = quality.claim(project=project, person=people["rosa"])
    quality.send_back(token=lease.token, person=people["rosa"], reason="style")


def _accepted(project: Project, people: People) -> None:
    factories.review(project, people["anna"])
    lease = quality.claim(project=project, person=people["rosa"])
    quality.accept(token=lease.token, person=people["rosa"])


def _day(project: Project, people: People) -> None:
    _accepted(project, people)
    Verdict.objects.update(created_at=timezone.now() - timedelta(days=1))
    tasks.tell_of_days()


def _mention(project: Project, people: People) -> None:
    body = "@lena look"
    commenting.comment(pair=project.pairs.first(), author=people["anna"], body=body)


def _reply(project: Project, people: People) -> None:
    pair = project.pairs.first()
    first = commenting.comment(pair=pair, author=people["anna"], body="so?")
    commenting.comment(pair=pair, author=people["lena"], body="so.", to=first)


def _skip(project: Project, people: People) -> None:
    project.skip_policy = SkipPolicy.LEAD
    project.save()
    lease = factories.claim(project, people["anna"])
    skipping.skip(token=lease.token, person=people["anna"], reason="not_my_field")
    lease.pair.refresh_from_db()
    parking.decide(pair=lease.pair, actor=people["lena"], action="queue", note="No.")


def _export(project: Project, people: People) -> None:
    order = exporting.order_of({"shape": "audit", "file": "jsonl"})
    asked = exporting.request(project=project, actor=people["lena"], order=order)
    exporting.write(asked.pk)


def _import(project: Project, people: People, text: bytes) -> None:
    file = io.BytesIO(text)
    received = receiving.receive(
        project=project, actor=people["lena"], file=file, name="a.jsonl"
    )
    importing.read(received.pk)


def _large_import(project: Project, people: People) -> None:
    _import(project, people, b'{"instruction": "Say it.", "output": "It."}\n')


def _rules(project: Project, people: People) -> None:
    run = running_rules.start(project=project, actor=people["lena"])
    running_rules.run(run.pk)


def _rewrite(project: Project, people: People) -> None:
    made = rewriting.start(
        project=project,
        actor=people["lena"],
        coach=rewriting.coach_for(project),
        name="one.json",
        rows=rewriting.rows_of_objects(factories.rows(1)),
    )
    while message := rewriting.take(made.pk):
        results = [
            DraftResult(key=each.key, text=factories.better(each.text))
            for each in message.requests
        ]
        rewriting.store(rewrite_id=made.pk, results=results)


def _failed_import(project: Project, people: People) -> None:
    file = io.BytesIO(b'{"instruction": "Say it.", "output": "It."}\n')
    received = receiving.receive(
        project=project, actor=people["lena"], file=file, name="a.jsonl"
    )
    Batch.objects.filter(pk=received.pk).update(tries=3)  # so many readers died on it
    importing.read(received.pk)


def _silent_rewrite(project: Project, people: People) -> None:
    rewriting.start(
        project=project,
        actor=people["lena"],
        coach=rewriting.coach_for(project),
        name="one.json",
        rows=rewriting.rows_of_objects(factories.rows(1)),
    )
    Rewrite.objects.update(running_since=timezone.now() - timedelta(hours=2))
    tasks.tell_of_rewrites()


def _backbones(project: Project, people: People) -> None:
    _compare(project, people, measured_at=timezone.now())


def _failed_backbones(project: Project, people: People) -> None:
    _compare(project, people, problem="The base model is gone.")


def _compare(project: Project, people: People, **of_each: object) -> None:
    """Carry out a comparison of which nothing is left to measure."""
    comparison = BackboneComparison.objects.create(
        project=project, asked_by=people["ada"]
    )
    for position in (1, 2):
        comparison.backbones.create(
            position=position, base_model=f"base-{position}", **of_each
        )
    comparing_backbones.carry_out(comparison.pk)


def _run(project: Project, state: TrainingRun.State) -> None:
    snapshot = Snapshot.objects.create(scope=project.scope, sha256="0", offered=1)
    TrainingRun.objects.create(
        scope=project.scope,
        snapshot=snapshot,
        config={},
        state=state,
        ended_at=timezone.now(),
        problem="No room." if state == TrainingRun.State.FAILED else "",
    )
    tasks.tell_of_training()


def _run_ready(project: Project, people: People) -> None:
    _run(project, TrainingRun.State.READY)


def _run_failed(project: Project, people: People) -> None:
    _run(project, TrainingRun.State.FAILED)


def _gate(project: Project, people: People) -> None:
    Evaluation.objects.create(
        coach=CoachVersion.objects.get(),
        outcome="reject",
        held_out_sha256="0",
        examples=1,
        seconds=1.0,
    )
    tasks.tell_of_training()


def _drift(project: Project, people: People) -> None:
    check = DriftCheck.objects.create(
        project=project,
        reference=CoachVersion.objects.get(),
        newest_promotion=1,
        newest_evaluation=1,
        rule_sha256="0",
        pairs=1,
        pairs_sha256="0",
    )
    telling_of_work.drift_rang(check, 2)


def _audit(project: Project, people: People) -> None:
    factories.review(project, people["anna"])
    bulk_accepting.accept(
        project=project, actor=people["lena"], threshold=-0.5, audit_share=1
    )
    lease = quality.claim(project=project, person=people["rosa"])
    quality.send_back(token=lease.token, person=people["rosa"], reason="style")


def _asked_to_rate(project: Project, people: People) -> None:
    factories.import_rows(project, factories.rows(12, revised=True)[8:])
    report = blind.report_on(project, people["lena"])
    blind.asked(report, people["lena"], people=["anna"], raters=1)


def _hook(project: Project, people: People) -> None:
    Hook.objects.update(url="https://127.0.0.1/", failures=calling.MOST_FAILURES - 1)
    made = hooks.send_test(project=project, actor=people["ada"])
    calling.call(made.pk)


Event = Callable[[Project, People], None]
TABLE: list[tuple[Kind, Event, set[str]]] = [
    (Kind.RETURNED, _returned, {"anna"}),
    (Kind.ACCEPTED, _accepted, {"anna"}),
    (Kind.DAY, _day, {"anna"}),
    (Kind.MENTION, _mention, {"lena"}),
    (Kind.REPLY, _reply, {"anna"}),
    (Kind.SKIP, _skip, {"anna"}),
    (Kind.JOB, _export, {"lena"}),
    (Kind.JOB, _large_import, {"lena"}),
    (Kind.JOB, _rules, {"lena"}),
    (Kind.JOB, _rewrite, {"lena"}),
    (Kind.JOB, _backbones, {"ada"}),
    (Kind.FAILED, _failed_import, {"lena"}),
    (Kind.FAILED, _failed_backbones, {"ada"}),
    (Kind.FAILED, _silent_rewrite, {"lena"}),
    (Kind.RUN, _run_ready, {"ada"}),
    (Kind.RUN, _run_failed, {"ada"}),
    (Kind.GATE, _gate, {"ada"}),
    (Kind.DRIFT, _drift, {"lena", "ada"}),
    (Kind.AUDIT, _audit, {"lena"}),
    (Kind.RATE, _asked_to_rate, {"anna"}),
    (Kind.HOOK, _hook, {"ada"}),
]


@pytest.fixture
def happened(request, project, people, ada, settings) -> tuple[Kind, set[str]]:
    settings.EMAIL_HOST = "mail.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.READ_AT_ONCE_BYTES = 0
    hooks.choose(project=project, actor=ada, url="https://chat.example.org/")
    kind, event, hearers = request.param
    event(project, people)
    return kind, hearers


every_event = pytest.mark.parametrize(
    "happened", TABLE, indirect=True, ids=lambda row: f"{row[0]}{row[1].__name__}"
)


def test_the_table_has_every_kind():
    assert {kind for kind, *_ in TABLE} == set(Kind)


@every_event
def test_it_is_heard_by_whom_it_concerns_in_words_and_by_programs(happened):
    kind, hearers = happened
    told = list(Notice.objects.filter(kind=kind).select_related("person"))

    assert {notice.person.username for notice in told} == hearers
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for notice in told:
                [said] = notice_words.told(notice.person, [notice])
                assert said.sentence
                assert "%(" not in said.sentence
    called = HookCall.objects.filter(body__contains=f'"event": "{kind}"').exists()
    assert called == (kind in hooks.SENT)


@every_event
def test_its_page_opens_for_its_hearers_and_counts_as_reading(client, happened, people):
    kind, hearers = happened
    for name in hearers:
        client.force_login(people[name])
        for notice in Notice.objects.filter(kind=kind, person=people[name]):
            address = notice_words.address(notice)
            assert client.get(address).status_code == 200, address

    unread = [each.kind for name in hearers for each in inbox.unread(people[name])]
    assert kind not in unread


@every_event
def test_it_is_mailed_as_its_hearers_want_it(happened, monkeypatch):
    kind, hearers = happened
    User.objects.update(notices=dict.fromkeys(Kind, Way.DIGEST))
    assert mailing.send_at_once() == 0
    Notice.objects.update(at=datetime(2026, 6, 3, 7, tzinfo=UTC))
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: datetime(2026, 6, 3, 9, tzinfo=UTC))
        mailing.send_digests()
    daily = said_to()

    mail.outbox.clear()
    User.objects.update(notices=dict.fromkeys(Kind, Way.AT_ONCE))
    Notice.objects.update(at=timezone.now(), mailed_at=None)
    mailing.send_at_once()

    assert hearers <= daily
    assert hearers <= said_to()
    assert not Notice.objects.filter(kind=kind, mailed_at=None).exists()


def said_to() -> set[str]:
    return {message.to[0].split("@")[0] for message in mail.outbox}


def test_a_small_import_is_told_only_if_it_failed(project, people, settings):
    settings.READ_AT_ONCE_BYTES = 2_000_000

    _large_import(project, people)

    assert not Notice.objects.exists()
