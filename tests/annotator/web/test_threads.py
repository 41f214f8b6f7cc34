"""Threads on the page of a pair and in the drawer of both desks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.models import Comment, Notice
from annotator.services import guiding
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def pair(project):
    return project.pairs.first()


def text_of(answer) -> str:
    return answer.content.decode()


def address(name: str, *args: int) -> str:
    return reverse(name, args=["demo", *args])


def test_the_drawer_answers_with_the_thread_and_escapes_all_of_it(client, pair, anna):
    client.force_login(anna)
    sent = {"body": "<b>Bold</b>", "field": "response", "quote": "<i>it</i>"}

    page = text_of(client.post(address("pair-comment", pair.pk), sent, **HTMX))

    assert "<html" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "&lt;i&gt;it&lt;/i&gt;" in page
    assert "<b>Bold" not in page


def test_without_scripts_one_comes_back_to_the_page_of_the_pair(client, pair, anna):
    client.force_login(anna)

    client.post(address("pair-comment", pair.pk), {"body": "Is it so?"})
    [first] = Comment.objects.all()
    answer = client.post(
        address("pair-comment", pair.pk), {"body": "It is.", "to": first.pk}
    )

    assert answer.url == address("pair", pair.pk)
    assert first.replies.get().body == "It is."


def test_a_thread_is_resolved_and_opened_again(client, pair, anna):
    client.force_login(anna)
    client.post(address("pair-comment", pair.pk), {"body": "Is it so?"})
    [first] = Comment.objects.all()
    resolve = address("pair-resolve", pair.pk, first.pk)

    resolved = text_of(client.post(resolve, {"action": "resolve"}, **HTMX))
    opened = text_of(client.post(resolve, {"action": "reopen"}, **HTMX))

    assert "Resolved by anna." in resolved
    assert "Resolved by" not in opened


def test_a_thread_of_another_pair_is_not_there(client, project, pair, anna):
    client.force_login(anna)
    other = project.pairs.last()
    client.post(address("pair-comment", other.pk), {"body": "Elsewhere"})
    [first] = Comment.objects.all()

    reply = client.post(address("pair-comment", pair.pk), {"body": "x", "to": first.pk})
    resolve = client.post(address("pair-resolve", pair.pk, first.pk))

    assert (reply.status_code, resolve.status_code) == (404, 404)


def test_an_outsider_and_whoever_is_signed_out_read_nothing(client, pair, anna):
    signed_out = client.get(address("pair-threads", pair.pk))
    client.force_login(factories.User.objects.create_user("zoe"))

    assert signed_out.status_code == 302
    assert client.get(address("pair-threads", pair.pk)).status_code == 404
    assert client.post(address("pair-comment", pair.pk)).status_code == 404


def test_whoever_opens_the_drawer_has_heard(client, pair, anna, lena):
    client.force_login(lena)
    client.post(address("pair-comment", pair.pk), {"body": "@anna look"})
    client.force_login(anna)

    client.get(address("pair-threads", pair.pk), **HTMX)

    assert not Notice.objects.filter(person=anna, read_at=None).exists()


def test_both_desks_have_the_drawer_and_the_guidelines(
    client, project, anna, rosa, lena
):
    guiding.write(project=project, author=lena, body="# Be kind")
    pair = factories.review(project, anna).pair
    Comment.objects.create(pair=pair, author=lena, body="Take care.")
    client.force_login(anna)
    review = text_of(client.get(address("review")))
    client.force_login(rosa)

    quality = text_of(client.get(address("quality")))

    assert 'id="threads"' in review
    assert address("pair-threads", pair.pk) in quality
    assert "Be kind" in quality
    assert address("pair", pair.pk) in quality
