"""Charts are drawn from the JSON beside them, in the colours of the page."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.services.tallies import folding
from tests import factories, weeks
from tests.annotator.web.test_coach_screens import finished
from training.models import TrainingRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXIS = "getComputedStyle(document.querySelector('.chart .axis')).color"


def test_the_dashboard_draws_its_figures_over_days(enter, live_server):
    project, _ann, _lea = weeks.worked()
    folding.rebuild(project)
    page = enter("lea")
    days = f"since={weeks.at(-14):%Y-%m-%d}&until={weeks.at(7):%Y-%m-%d}"
    page.goto(f"{live_server.url}{reverse('stats', args=['demo'])}?{days}")
    drawn = page.locator("[data-over=days] canvas")
    expect(drawn.first).to_be_visible()
    before, axis = drawn.count(), page.evaluate(AXIS)

    page.locator("details.account summary").click()
    page.locator("[data-theme-switch]").click()

    assert drawn.count() == before > 1
    assert page.evaluate(AXIS) != axis


def test_a_run_that_goes_on_draws_on(enter, live_server):
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20, revised=True))
    run = finished(project, factories.make_member(project, Role.ADMIN, "ada"))
    TrainingRun.objects.update(state=TrainingRun.State.TRAINING)
    page = enter("ada")
    page.goto(f"{live_server.url}{reverse('run', args=['demo', run.pk])}")
    canvas = page.locator("[data-over=steps] canvas")
    expect(canvas).to_be_visible()
    canvas.evaluate("canvas => canvas.dataset.first = 'yes'")
    run.points.create(
        kind="step", step=9, epoch=1, loss=0.1, rate=1e-4, tokens=1, seconds=1
    )

    expect(page.locator("#curve-table")).to_contain_text("0.100")
    page.locator(".chart .u-over").hover(position={"x": 1, "y": 50})
    expect(page.locator("[data-over=steps] canvas[data-first=yes]")).to_have_count(1)
    expect(page.locator(".chart .u-legend")).to_contain_text("2.0")
