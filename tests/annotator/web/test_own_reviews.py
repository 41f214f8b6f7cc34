"""The page of what a person submitted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.services import quality
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(3)


def page(client, query: str = "") -> str:
    address = reverse("mine-reviews", args=["demo"])
    return client.get(address + query).content.decode()


def test_a_review_is_taken_up_from_its_card_and_stands_on_the_desk(
    client, project, anna
):
    text = PairText(instruction="Ask.", input="", response="<i>My own</i> words.")
    review = factories.review(project, anna, text)
    client.force_login(anna)
    address = reverse("mine-take-up", args=["demo", review.pk])

    before = page(client)
    client.post(address)
    desk = client.get(reverse("review", args=["demo"])).content.decode()

    assert "&lt;i&gt;My own&lt;/i&gt; words." in before
    assert address in before
    assert "&lt;i&gt;My own&lt;/i&gt; words." in desk
    assert "Nothing yet." in page(client)


def test_a_judged_one_shows_what_was_mended_and_is_not_taken_up(
    client, project, anna, rosa
):
    review = factories.review(project, anna)
    token = quality.claim(project=project, person=rosa).token
    mended = PairText(instruction="Ask.", input="", response="Rosa wrote this.")
    quality.fix_and_accept(token=token, person=rosa, text=mended, note="<b>so</b>")
    client.force_login(anna)
    address = reverse("mine-take-up", args=["demo", review.pk])

    shown = page(client, "?fate=mended")
    refused = client.post(address)

    assert "Rosa" in shown
    assert "&lt;b&gt;so&lt;/b&gt;" in shown
    assert address not in shown
    assert refused.status_code == 409


def test_the_reviews_of_others_are_not_there(client, project, anna, ben):
    review = factories.review(project, anna)
    client.force_login(ben)

    answer = client.post(reverse("mine-take-up", args=["demo", review.pk]))

    assert answer.status_code == 404
    assert "Nothing yet." in page(client)


@pytest.mark.parametrize("query", ["?fate=lost", "?before=x", "?text=%00"])
def test_a_filter_that_means_nothing_loses_nothing(client, project, anna, query):
    factories.review(project, anna)
    client.force_login(anna)

    assert client.get(reverse("mine-reviews", args=["demo"]) + query).status_code == 200
