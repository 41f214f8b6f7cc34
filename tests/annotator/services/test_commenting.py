"""Whoever is named in a comment is told, however names look."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.services import commenting
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = ("leo", "leo.b", "ann@site.org", "full.", "王芳")


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(1))
    for name in NAMES:
        factories.make_member(project, Role.ANNOTATOR, name)
    return project


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("@leo: is it so?", ["leo"]),
        ("(@leo.)", ["leo"]),
        ("Ask @leo.b, not him.", ["leo.b"]),
        ("@leopold is somebody else", []),
        ("@leo and @leo again", ["leo"]),
        ("Ask @ann@site.org.", ["ann@site.org"]),
        ("A mail to me@leo names nobody.", []),
        ("@full. knows.", ["full."]),
        ("请@王芳看一下。", ["王芳"]),
        ("Nobody here.", []),
    ],
)
def test_a_name_is_found_where_a_person_would_see_it(project, body, told):
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")

    made = commenting.comment(pair=project.pairs.get(), author=ben, body=body)

    assert [mention.person.username for mention in made.mentions.all()] == told


def test_a_person_of_another_project_is_not_told(project):
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    factories.make_member(factories.make_project(slug="other"), Role.LEAD, "zoe")

    made = commenting.comment(pair=project.pairs.get(), author=ben, body="@zoe, @ben")

    assert not made.mentions.exists()
