"""Where a person can go from a page: groups, other projects, and out of an error."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.models import Membership, Pair
from annotator.web import navigation
from tests import factories

pytestmark = pytest.mark.django_db


LINK = re.compile(r'<a href="([^"]*)"(?: aria-current="(\w+)")?>(.*?)</a>', re.DOTALL)


def links(answer, start, end="</nav>"):
    """Text and aria-current of each link from a mark in a page to an end."""
    _, found, rest = answer.content.decode().partition(start)
    part = rest.partition(end)[0] if found else ""
    return [(text.strip(), current) for _, current, text in LINK.findall(part)]


def texts(found):
    return [text for text, _ in found]


PAGES, BELOW, SWITCHER, EVERY = (
    '<nav class="pages"',
    '<nav class="sub-bar"',
    'class="menu switcher"',
    '<details class="menu every-page"',
)


def test_an_annotator_has_one_row_of_links(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    answer = client.get("/p/demo/pairs/")

    found = links(answer, PAGES)
    assert texts(found) == ["Overview", "Review", "My work", "Guidelines", "Pairs"]
    assert [link for link in found if link[1]] == [("Pairs", "page")]
    assert links(answer, BELOW) == []


def test_an_admin_has_groups_and_the_pages_of_the_one_that_is_open(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = client.get("/p/demo/stats/gain/")

    groups, below = links(answer, PAGES), links(answer, BELOW)
    assert texts(groups) == ["Work", "Data", "Coach", "Insights", "Admin"]
    assert [link for link in groups if link[1]] == [("Insights", "true")]
    assert texts(below)[:3] == ["Stats", "Gain", "Reports"]
    assert [link for link in below if link[1]] == [("Gain", "page")]


@pytest.mark.parametrize("role", list(Role))
def test_all_that_is_offered_opens_and_says_where_one_is(client, role):
    project = factories.make_project()
    person = factories.make_member(project, role)
    client.force_login(person)

    for _group, link in navigation.every_page(project, person):
        answer = client.get(link.url)

        here = [one for one in links(answer, EVERY, "</details>") if one[1]]
        assert (answer.status_code, here) == (200, [(str(link.label), "page")])


def test_the_switcher_names_the_projects_one_may_enter_and_no_other(client):
    project = factories.make_project(name="First")
    factories.make_project(slug="strange", name="Strange")
    own = factories.make_project(slug="own", name="Own")
    person = factories.make_member(project, Role.LEAD)
    Membership.objects.create(project=own, user=person, role=Role.ANNOTATOR)
    client.force_login(person)

    found = links(client.get("/p/demo/"), SWITCHER, "</details>")

    assert found == [("First", "true"), ("Own", ""), ("All projects", "")]


def test_who_may_not_is_told_whom_to_ask_and_keeps_the_navigation(client):
    project = factories.make_project()
    factories.make_member(project, Role.LEAD, "lea")
    factories.make_member(project, Role.ADMIN, "ada")
    factories.make_member(project, Role.REVIEWER, "rea")
    client.force_login(factories.make_member(project, Role.ANNOTATOR, "anna"))

    answer = client.get("/p/demo/settings/")

    assert answer.status_code == 403
    told = re.findall(r"<strong>(\w+)</strong>", answer.content.decode())
    assert told == ["ada", "lea"]
    assert "My work" in texts(links(answer, PAGES))


def test_who_may_not_choose_between_two_texts_opens_the_pair_instead(client):
    project = factories.make_drafted(1)
    pair = Pair.objects.get()
    client.force_login(factories.make_member(project, Role.REVIEWER))

    answer = client.get(f"/p/demo/adjudication/{pair.pk}/", follow=True)
    sent = client.post(f"/p/demo/adjudication/{pair.pk}/")

    assert answer.redirect_chain == [(f"/p/demo/pairs/{pair.pk}/", 302)]
    assert (answer.status_code, sent.status_code) == (200, 403)


def test_an_archived_project_is_read_by_its_admin_and_says_so(client):
    project = factories.make_project(archived_at=timezone.now())
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = client.get("/p/demo/settings/")

    assert answer.status_code == 200
    assert "archived: this can be read" in answer.content.decode()


@pytest.mark.parametrize("path", ["/p/demo/no-such-page/", "/p/demo/pairs/7/"])
def test_what_is_not_there_keeps_the_navigation_for_members_only(client, path):
    project = factories.make_project()
    other = factories.make_project(slug="other")
    lea = factories.make_member(project, Role.LEAD, "lea")
    stranger = factories.make_member(other, Role.ADMIN, "ada")

    for person, is_member in ((lea, True), (stranger, False)):
        client.force_login(person)
        answer = client.get(path)
        assert answer.status_code == 404
        assert bool(links(answer, PAGES)) == is_member


def test_an_address_that_only_takes_forms_says_so_and_keeps_the_navigation(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.LEAD))

    answer = client.get("/p/demo/review/without-drafts/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    page = answer.content.decode()
    assert "This address has no page of its own" in page
    assert 'href="/p/demo/"' in page
