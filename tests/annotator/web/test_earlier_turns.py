"""The desks show the turns before a pair, escaped and read-only."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import Pair
from tests import factories

pytestmark = pytest.mark.django_db

TURNS = [
    {"role": "system", "content": "Be <b>brief</b>."},
    {"role": "user", "content": "Name a hill."},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"function": {"name": "find", "arguments": "{<i>}"}}],
    },
    {"role": "tool", "content": "Ben Nevis"},
    {"role": "assistant", "content": "Ben Nevis. " * 100},
    {"role": "user", "content": "And a lake?"},
    {"role": "assistant", "content": "Loch Ness."},
]


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, [{"messages": TURNS}])
    factories.draft_all(project)
    return project


def is_shown(page: str) -> None:
    assert "5 earlier turns" in page
    assert "Be &lt;b&gt;brief&lt;/b&gt;." in page
    assert "find {&lt;i&gt;}" in page
    assert "between question and answer" not in page
    assert page.count("<details open>") == 2
    assert [page.count(f'<li class="{role}">') for role in ("system", "tool")] == [1, 1]


def test_a_reviewer_sees_them(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    is_shown(client.get("/p/demo/review/").content.decode())


def test_quality_control_sees_them(client, project):
    factories.review(project, factories.make_member(project, Role.ANNOTATOR))
    client.force_login(factories.make_member(project, Role.LEAD))

    is_shown(client.get("/p/demo/quality/").content.decode())


def test_the_page_of_the_pair_has_them(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))
    address = reverse("pair", args=["demo", Pair.objects.get().pk])

    is_shown(client.get(address).content.decode())


def test_a_pair_without_them_has_no_word_of_it(client):
    project = factories.make_drafted(1)
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    assert "earlier" not in client.get("/p/demo/review/").content.decode()


def test_turns_around_the_answer_are_told(client, project):
    whole = [*TURNS[5:], {"role": "user", "content": "Thanks."}]
    whole.insert(1, {"role": "tool", "content": "a lake"})
    batch = factories.import_rows(project, [{"messages": whole}])
    client.force_login(factories.make_member(project, Role.LEAD))
    address = reverse("pair", args=["demo", batch.pairs.get().pk])

    page = client.get(address).content.decode()

    assert page.count("between question and answer") == 1
    assert "1 more turn stands behind the answer" in page
