"""The command palette: pages and pairs, only of what a person may open."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(3, name="Answers")


@pytest.fixture
def lea(client, project):
    lea = factories.make_member(project, Role.LEAD, "lea")
    client.force_login(lea)
    return lea


def find(client, q="", slug="demo"):
    answer = client.get("/find/", {"q": q, "in": slug})
    assert answer.status_code == 200
    return answer.json()["found"]


def test_before_anything_is_typed_it_offers_the_pages_of_the_project(client, lea):
    found = find(client)

    assert found[0] == {
        "label": "Overview",
        "where": "Answers · Work",
        "url": "/p/demo/",
    }
    assert {place["where"].split(" · ")[0] for place in found} == {"Answers"}


def test_a_page_is_found_by_parts_of_its_name_and_project_in_any_order(client, lea):
    other = factories.make_project(slug="other", name="Poems")
    Membership.objects.create(project=other, user=lea, role=Role.ANNOTATOR)

    assert [place["url"] for place in find(client, "poems overv")] == ["/p/other/"]
    assert find(client, "AGREE")[0]["url"] == "/p/demo/stats/agreement/"


def test_what_a_role_does_not_open_is_not_found(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR, "anna"))
    assert find(client, "settings") == []
    assert find(client, "members") == []


def test_a_pair_is_found_by_its_number_and_by_its_words(client, project, lea):
    pair = project.pairs.order_by("pk")[1]

    for typed in (str(pair.pk), f"#{pair.pk}", "word NUMBER 1"):
        assert find(client, typed)[-1]["url"] == f"/p/demo/pairs/{pair.pk}/"


def test_no_pair_and_no_project_of_others_is_found(client, project):
    factories.make_project(slug="other", name="Poems")
    stranger = factories.make_member(factories.make_project(slug="own"), Role.ADMIN)
    client.force_login(stranger)
    pair = project.pairs.first()

    assert find(client, str(pair.pk)) == []
    assert find(client, "Explain the word") == []
    assert find(client, "Poems") == []
    assert {place["where"] for place in find(client, slug="demo")} != {"Answers"}


@pytest.mark.parametrize("typed", ["9" * 30, "\0", "%", "'; drop", "²", "x" * 5000])
def test_whatever_is_typed_is_answered(client, lea, typed):
    assert isinstance(find(client, typed), list)


def test_it_asks_for_a_login(client, project):
    assert client.get("/find/").status_code == 302
