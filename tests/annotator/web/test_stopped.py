"""A part that does not run is named where its work is waited for, with what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.models import Membership, Part, User
from annotator.selectors import parts
from annotator.services import hearing
from annotator.tasks import hear_from
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project()


def all_heard_but(*names: str) -> None:
    for name in parts.NAMES:
        hearing.hear(name)
    past = timezone.now() - timedelta(minutes=4)
    Part.objects.filter(name__in=names).update(heard_at=past)
    caches["process"].clear()


def says(client, path: str) -> str:
    return client.get(f"/p/demo/{path}").content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("app", "The worker for quick work does not run"),
        ("engine", "The coach&#x27;s worker does not run"),
        ("interactive", "The worker for candidates does not run"),
        ("training", "The training worker does not run"),
        ("beat", "The clock does not run"),
    ],
)
def test_the_overview_names_each_part_that_is_silent(client, ada, name, sentence):
    all_heard_but(name)
    client.force_login(ada)

    page = says(client, "")

    assert sentence in page
    assert "4\xa0minutes ago" in page


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("review/", {"app", "engine", "beat"}),
        ("batches/", {"app", "engine", "beat"}),
        ("rewrites/", {"app", "engine", "beat"}),
        ("coaches/", {"app", "engine", "training", "beat"}),
        ("quality/", {"app", "engine", "beat"}),
        ("runs/prepare/", {"app", "training", "beat"}),
        ("members/", set()),
    ],
)
def test_a_screen_names_what_its_work_needs_and_nothing_else(client, ada, path, names):
    client.force_login(ada)

    said = set()
    for name in parts.NAMES:
        all_heard_but(name)
        if 'id="stopped"' in says(client, path):
            said.add(name)

    assert said == names


def test_without_the_worker_that_hears_them_nothing_is_said_of_the_others(client, ada):
    all_heard_but("app", "engine", "training", "beat")
    client.force_login(ada)

    page = says(client, "")

    assert "The worker for quick work does not run" in page
    assert "The clock" not in page


def test_an_admin_sees_the_way_to_mend_it_and_others_whom_to_tell(client, project, ada):
    all_heard_but("engine")
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")

    client.force_login(ada)
    for_admin = says(client, "")
    client.force_login(anna)
    for_anna = says(client, "review/")

    assert "./coachlm worker engine" in for_admin
    assert "./coachlm" not in for_anna
    assert "Tell ada: an admin can start it again." in for_anna


def test_what_is_said_goes_by_itself_when_the_part_is_heard_again(client, ada):
    all_heard_but("engine")
    client.force_login(ada)
    before = says(client, "stopped/?screen=project/overview.html")

    hear_from("engine")
    caches["process"].clear()
    after = says(client, "stopped/?screen=project/overview.html")

    assert 'hx-trigger="every 5s"' in before
    assert not after.strip()


def test_the_list_of_projects_names_them_to_whoever_has_a_project(client, ada):
    other = factories.make_project(slug="other")
    Membership.objects.create(project=other, user=ada, role=Role.ANNOTATOR)
    nobody = User.objects.create_user("nobody")
    all_heard_but("engine")

    client.force_login(ada)
    for_admin = client.get("/").content.decode()
    client.force_login(nobody)
    for_nobody = client.get("/").content.decode()

    assert "./coachlm worker engine" in for_admin
    assert "/p/demo/stopped/?screen=project/home.html" in for_admin
    assert 'id="stopped"' not in for_nobody


def test_nothing_is_said_where_all_run_or_none_was_ever_heard(client, ada):
    client.force_login(ada)

    never = says(client, "")
    all_heard_but()
    running = says(client, "")

    assert 'id="stopped"' not in never + running


def test_it_costs_a_page_one_query_in_some_seconds(client, ada):
    all_heard_but("engine")
    parts.silent()

    assert "silent-parts" in caches["process"]

    Part.objects.all().delete()
    assert [each.name for each in parts.silent()] == ["engine"]
