"""The pages on which coaches are tried."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import Audition, Pair
from annotator.services import auditioning
from revision_engine.types import DraftResult
from tests import factories
from training.selectors import active_coach

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(3))
    return project


@pytest.fixture(autouse=True)
def signed_in(client, ada):
    client.force_login(ada)


def address(name="auditions", *args):
    return reverse(name, args=["demo", *args])


def send(client, project, **fields):
    given = {"coaches": [active_coach(project.scope).pk], "what": "draw", **fields}
    return client.post(address(), given)


def answered(audition, text, **more):
    message = auditioning.take(audition.pk)
    results = [DraftResult(key=r.key, text=text(r), **more) for r in message.requests]
    auditioning.store(audition_id=audition.pk, results=results)


def page(client, audition):
    return client.get(address("audition", audition.pk)).content.decode()


def test_a_draw_is_begun_and_its_drafts_are_read_as_changes(client, project):
    answer = send(client, project, draw="2")
    audition = Audition.objects.get()
    assert answer.url == address("audition", audition.pk)
    assert "Not here yet." in page(client, audition)

    answered(audition, lambda r: factories.better(r.text), new_tokens=12, seconds=1.5)

    found = page(client, audition)
    assert "<ins> It has a history, too.</ins>" in found
    assert "1.5 s · 12 tokens" in found
    assert "Draw 2" in found
    assert "hx-trigger" not in found.split('id="live"')[1].split(">")[0]


def test_a_pair_is_chosen_by_its_page_and_its_number(client, project):
    pair = Pair.objects.first()
    assert (
        f"?pair={pair.pk}#begin"
        in client.get(address("pair", pair.pk)).content.decode()
    )
    form = client.get(address(), {"pair": pair.pk}).content.decode()
    assert f'value="{pair.pk}"' in form

    send(client, project, what="pair", number=str(pair.pk))

    assert Audition.objects.get().pairs.get().number == pair.pk


def test_a_typed_pair_keeps_its_lines_and_is_escaped(client, project):
    send(
        client,
        project,
        what="typed",
        instruction="Say <b>hello</b>.",
        response="a\r\nb",
    )
    audition = Audition.objects.get()
    answered(audition, lambda r: factories.better(r.text))

    assert audition.pairs.get().response == "a\nb"
    assert "Say &lt;b&gt;hello&lt;/b&gt;." in page(client, audition)
    assert "<b>hello" not in page(client, audition)


def test_what_cannot_be_begun_is_said_and_what_was_typed_is_kept(client, project):
    answer = send(client, project, coaches=[], what="typed", instruction="Keep me.")

    assert answer.status_code == 422
    assert "Choose one to three coaches." in answer.content.decode()
    assert "Keep me." in answer.content.decode()
    assert not Audition.objects.exists()


def test_a_pair_without_its_number_is_asked_for(client, project):
    answer = send(client, project, what="pair")

    assert answer.status_code == 422
    assert "Give the number of a pair." in answer.content.decode()


def test_a_problem_and_an_unchanged_pair_are_said(client, project):
    send(client, project, what="typed", instruction="A.", response="B.")
    send(client, project, what="typed", instruction="C.", response="D.")
    first, second = Audition.objects.order_by("pk")
    answered(first, lambda r: r.text, problem="loop")
    answered(second, lambda r: r.text)

    assert "Not used: its answer repeated itself." in page(client, first)
    assert "It leaves the pair as it is." in page(client, second)


def test_it_is_cancelled_on_its_page(client, project):
    send(client, project)
    audition = Audition.objects.get()

    client.post(address("audition-cancel", audition.pk))

    audition.refresh_from_db()
    assert audition.state == Audition.State.CANCELLED
    assert "Cancelled before it came." in page(client, audition)


def test_the_page_of_another_project_is_not_there(client, project, ada):
    other = factories.make_project(slug="other")
    coach = factories.make_coach(other)
    boss = factories.make_member(other, Role.ADMIN, "boss")
    factories.import_rows(other, factories.rows(1))
    theirs = auditioning.begin_draw(project=other, actor=boss, coaches=[coach.pk])

    assert client.get(address("audition", theirs.pk)).status_code == 404
    assert client.post(address("audition-cancel", theirs.pk)).status_code == 404


def test_a_lead_opens_none_of_it_and_is_shown_no_way_there(client, project):
    audition = auditioning.begin_draw(
        project=project,
        actor=factories.make_member(project, Role.ADMIN, "boss"),
        coaches=[active_coach(project.scope).pk],
    )
    client.force_login(factories.make_member(project, Role.LEAD))

    assert client.get(address("audition", audition.pk)).status_code == 403
    assert send(client, project).status_code == 403
    for name, *of in (
        ("coaches",),
        ("coach", active_coach(project.scope).pk),
        ("pair", Pair.objects.first().pk),
    ):
        assert address() not in client.get(address(name, *of)).content.decode()


def test_the_coaches_are_named_with_the_ways_to_try_them(client, project):
    coach = active_coach(project.scope)

    found = client.get(address("coaches")).content.decode()
    own = client.get(address("coach", coach.pk)).content.decode()

    assert f"{address()}?coach={coach.pk}" in found
    assert f"{address()}?coach={coach.pk}" in own
