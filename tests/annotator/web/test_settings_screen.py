"""The gate is set beside the other settings of a project."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.web.project_forms import GateForm, ProjectForm
from tests import factories
from training.evaluation.rule import GUARDS, Rule

pytestmark = pytest.mark.django_db
ADDRESS = reverse("project-settings", args=["demo"])


@pytest.fixture
def project(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))
    return project


def as_typed(project) -> dict:
    """What a browser would send of the page as it came."""
    typed = dict(ProjectForm(instance=project).initial)
    gate = GateForm(project)
    typed |= {gate.add_prefix(name): value for name, value in gate.initial.items()}
    return {name: value for name, value in typed.items() if value is not None}


def test_saved_as_it_came_the_gate_asks_what_it_asked(client, project):
    answer = client.post(ADDRESS, as_typed(project))

    project.refresh_from_db()
    assert answer.status_code == 302
    assert Rule.from_dict(project.gate) == Rule()


def test_a_guard_is_loosened_and_another_left_out(client, project):
    typed = as_typed(project)
    typed |= {"gate-guard-chrF": 3, "gate-guard-loop": "", "gate-minimum_pairs": 12}

    client.post(ADDRESS, typed)

    project.refresh_from_db()
    rule = Rule.from_dict(project.gate)
    tolerances = {guard.figure: guard.tolerance for guard in rule.guards}
    assert rule.minimum_pairs == 12
    assert tolerances["chrF"] == 3
    assert set(tolerances) == {guard.figure for guard in GUARDS} - {"loop"}


def test_a_rule_that_makes_no_sense_is_refused_and_nothing_saved(client, project):
    typed = as_typed(project) | {"gate-confidence": 0.2, "name": "Renamed"}

    answer = client.post(ADDRESS, typed)

    project.refresh_from_db()
    assert answer.status_code == 422
    assert "greater than or equal to 0.5" in answer.content.decode()
    assert (project.name, project.gate) == ("demo", {})
