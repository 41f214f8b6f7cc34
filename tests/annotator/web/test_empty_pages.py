"""Each list says what comes to it, and when, and what to do next."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
BLANK = re.compile(r'<div class="blank">(.*?)</div>', re.DOTALL)
LISTS = {
    "pairs": "batches",
    "batches": "#upload",
    "rewrites": "#start",
    "export": "#order",
    "dataset-reports": "#order",
    "model-studies": "#order",
    "coach-studies": "#order",
    "ratings": "dataset-reports",
    "coaches": "run-prepare",
    "auditions": "#begin",
    "backbones": "#begin",
    "stats": "batches",
    "reports": "batches",
    "agreement": "project-settings",
    "signs": "review",
    "adjudication": "agreement",
    "quality-bulk": "quality",
    "review-feedback": "review",
    "mine-reviews": "review",
    "units": "#unit-name",
    "project": "batches",
}
"""Lists of a project, and where their next thing to do is."""


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_what_comes_and_has_the_next_thing_to_do(client, name):
    project = factories.make_project(has_checklist=False)
    client.force_login(factories.make_member(project, Role.ADMIN))

    page = client.get(reverse(name, args=["demo"])).content.decode()

    (told,) = BLANK.findall(page)
    aim = LISTS[name]
    address = aim if aim.startswith("#") else reverse(aim, args=["demo"])
    assert f'href="{address}"' in told
    assert len(re.sub(r"<[^>]*>", "", told).split()) > 12
    if aim.startswith("#"):
        assert f'id="{aim[1:]}"' in page


def test_an_empty_inbox_says_what_comes(client):
    client.force_login(factories.make_member(factories.make_project(), Role.LEAD))

    (told,) = BLANK.findall(client.get("/inbox/").content.decode())

    assert "comes back from quality control" in told
    assert 'href="/inbox/choices/"' in told


def test_who_may_not_import_is_not_told_to(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    (told,) = BLANK.findall(client.get("/p/demo/pairs/").content.decode())

    assert "href" not in told


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/p/demo/pairs/?text=nothing-has-it", "/p/demo/pairs/"),
        ("/p/demo/mine/reviews/?text=nothing-has-it", "/p/demo/mine/reviews/"),
        ("/inbox/?unread=on", "/inbox/"),
    ],
)
def test_a_filter_that_nothing_fits_leads_back_to_all(client, address, back):
    client.force_login(factories.make_member(factories.make_project(), Role.LEAD))

    (told,) = BLANK.findall(client.get(address).content.decode())

    assert f'href="{back}"' in told
