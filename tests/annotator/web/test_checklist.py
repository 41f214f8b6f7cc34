"""The first steps on the overview: said by rows, for admins, until done or hidden."""

from __future__ import annotations

import re

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Project
from annotator.selectors import checklist
from annotator.selectors.checklist import FirstStep
from annotator.services import guiding, quality
from tests import factories
from training.config import LoraConfig
from training.models import Snapshot, TrainingRun

pytestmark = pytest.mark.django_db


def done(project: Project) -> set[FirstStep]:
    return {each.step for each in checklist.of_project(project) if each.is_done}


def test_a_new_project_has_one_step_done():
    assert done(factories.make_project()) == {FirstStep.PROJECT}


def test_each_step_is_done_when_its_row_is_there():
    project = factories.make_project()
    ada = factories.make_member(project, Role.ADMIN, "ada")
    assert FirstStep.PEOPLE not in done(project)

    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    assert done(project) == {FirstStep.PROJECT, FirstStep.PEOPLE}
    guiding.write(project=project, author=ada, body="Be kind.")
    assert FirstStep.GUIDELINES in done(project)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(2))
    assert FirstStep.DATA in done(project)
    assert FirstStep.DRAFTS not in done(project)
    factories.draft_all(project)
    assert FirstStep.DRAFTS in done(project)
    factories.review(project, anna)
    assert FirstStep.REVIEW in done(project)
    assert FirstStep.QUALITY not in done(project)
    lease = factories.claim(project, ada, Stage.QUALITY)
    quality.accept(token=lease.token, person=ada)
    assert FirstStep.QUALITY in done(project)
    snapshot = Snapshot.objects.create(scope=project.scope, sha256="0", offered=1)
    run = TrainingRun.objects.create(
        scope=project.scope,
        snapshot=snapshot,
        config=LoraConfig(base_model="none").as_dict(),
    )
    assert FirstStep.RETRAINING not in done(project)
    TrainingRun.objects.filter(pk=run.pk).update(state=TrainingRun.State.READY)
    assert done(project) == set(FirstStep)


def test_revisions_that_came_with_a_file_are_no_review():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(2, revised=True))

    assert not {FirstStep.REVIEW, FirstStep.QUALITY} & done(project)


def test_a_team_of_one_lacks_nobody_where_it_may_judge_itself():
    project = factories.make_project(own_judged=True)
    factories.make_member(project, Role.ADMIN)

    assert FirstStep.PEOPLE in done(project)


def test_rows_of_another_project_do_nothing():
    other = factories.make_drafted(2, slug="other")
    factories.make_member(other, Role.LEAD)

    assert done(factories.make_project()) == {FirstStep.PROJECT}


@pytest.mark.parametrize("role", list(Role))
def test_only_admins_see_the_steps(client, role):
    project = factories.make_project()
    client.force_login(factories.make_member(project, role))

    page = client.get("/p/demo/").content.decode()

    assert ("First steps" in page) == (role == Role.ADMIN)


def test_the_next_step_is_marked_and_has_its_button(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))

    page = client.get("/p/demo/").content.decode()

    assert page.count('aria-current="step"') == 1
    assert 'class="button primary" href="/p/demo/guidelines/"' in page


def test_the_page_has_one_main_button_with_the_steps_and_without(client):
    project = factories.make_drafted(2)
    client.force_login(factories.make_member(project, Role.ADMIN))
    factories.make_member(project, Role.ANNOTATOR)

    for project.has_checklist in (True, False):
        project.save()
        page = client.get(f"/p/{project.slug}/").content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert len(re.findall(r'class="button[^"]* primary"', main)) == 1


def test_hidden_it_stays_hidden(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = client.post("/p/demo/checklist/hide/")

    assert answer.status_code == 302
    assert "First steps" not in client.get("/p/demo/").content.decode()


def test_a_lead_hides_nothing(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.LEAD))

    assert client.post("/p/demo/checklist/hide/").status_code == 403
    project.refresh_from_db()
    assert project.has_checklist
