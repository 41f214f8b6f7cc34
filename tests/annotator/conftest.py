"""The cast: members of the `project` that a file of tests has made."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.models import Project, User
from tests import factories


@pytest.fixture
def anna(project: Project) -> User:
    return factories.make_member(project, Role.ANNOTATOR, "anna")


@pytest.fixture
def ben(project: Project) -> User:
    return factories.make_member(project, Role.ANNOTATOR, "ben")


@pytest.fixture
def rosa(project: Project) -> User:
    return factories.make_member(project, Role.REVIEWER, "rosa")


@pytest.fixture
def lena(project: Project) -> User:
    return factories.make_member(project, Role.LEAD, "lena")


@pytest.fixture
def ada(project: Project) -> User:
    return factories.make_member(project, Role.ADMIN, "ada")
