"""The page of a quiet coach: figures of each threshold, and the project's own."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.models import Project
from tests import estimates, factories
from training.evaluation import quiet
from training.evaluation.helpfulness import Estimate
from training.models import HelpEstimate
from training.selectors import active_coach, help_estimate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


@pytest.fixture
def coach(project):
    return active_coach(project.scope)


def page(coach, name="coach-quiet"):
    return reverse(name, args=["demo", coach.pk])


def test_before_anything_is_known_it_says_what_it_waits_for(client, ada, coach):
    client.force_login(ada)
    found = client.get(page(coach)).content.decode()
    assert "Nothing is known yet of this coach" in found
    assert "60 of its drafts" in found


def test_the_figures_are_those_of_the_rows(client, ada, coach):
    estimates.give(coach)
    client.force_login(ada)
    examples = Estimate.from_dict(help_estimate(coach).papers).examples
    point = quiet.point(examples, 0.35)

    found = client.get(page(coach)).content.decode()

    assert f"{point.shown} of {point.pairs} pairs" in found
    assert f"{point.helped} of {point.shown}, nearer" in found
    rows = b"".join(client.get(page(coach, "coach-quiet-rows")).streaming_content)
    assert len(rows.decode().strip().splitlines()) == 1 + len(examples)


@pytest.mark.parametrize(("own", "rows"), [(0.28, 21), (0.35, 20), (0.0, 20), (1, 21)])
def test_the_projects_threshold_has_a_row_of_its_own(
    client, ada, project, coach, own, rows
):
    Project.objects.update(quiet_below=own)
    estimates.give(coach)
    client.force_login(ada)

    answer = client.get(page(coach))

    table = answer.context["curve"]
    [mine] = [row for row in table.rows if row[0].is_strong]
    assert (mine[0].value, mine[0].note) == (f"{own:.2f}", "the project's")
    assert all(cell.is_strong for cell in mine)
    assert len(table.rows) == rows
    assert f'<option value="{own}">' in answer.content.decode().replace("1.0", "1")


def test_cross_fitted_drafts_are_told_of_apart(client, ada, coach):
    row = estimates.give(coach, beside=70, share=0.3)
    HelpEstimate.objects.filter(pk=row.pk).update(cross_fitted=90)
    client.force_login(ada)

    found = " ".join(client.get(page(coach)).content.decode().split())

    assert "it knows 90 cross-fitted drafts" in found
    assert "each counts 0.3 times as much" in found


def test_the_slider_asks_for_the_figures_alone(client, ada, coach):
    estimates.give(coach)
    client.force_login(ada)
    target = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "quiet-figures"}
    found = client.get(page(coach), {"at": "0.95"}, **target).content.decode()
    assert found.strip().startswith('<div id="quiet-figures"')
    assert "0.95" in found


@pytest.mark.parametrize("at", ["", "x", "-1", "2", "nan", "1e9"])
def test_a_strange_place_of_the_slider_is_the_projects(client, ada, coach, at):
    estimates.give(coach)
    client.force_login(ada)
    found = client.get(page(coach), {"at": at})
    assert found.context["at"] == 0.28


def test_an_admin_makes_a_threshold_the_projects(client, ada, coach):
    estimates.give(coach)
    client.force_login(ada)
    client.post(page(coach, "coach-quiet-use"), {"at": "0.65"})
    assert Project.objects.get().quiet_below == 0.65


def test_a_threshold_that_is_none_is_refused_and_nothing_changes(client, ada, coach):
    client.force_login(ada)
    answer = client.post(page(coach, "coach-quiet-use"), {"at": "often"})
    assert answer.status_code == 422
    assert "from 0 to 1" in answer.content.decode()
    assert Project.objects.get().quiet_below == 0.28


def test_who_may_not_change_settings_may_not_change_it(client, anna, coach):
    client.force_login(anna)
    assert client.post(page(coach, "coach-quiet-use"), {"at": "0"}).status_code == 403


def test_an_estimate_that_is_not_trusted_is_marked_so(client, ada, coach):
    estimates.give(coach, auc_low=0.4)
    client.force_login(ada)
    assert "no more than chance" in client.get(page(coach)).content.decode()
