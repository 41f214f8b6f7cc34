"""Adapters go out by page, API and terminal; who may not export gets none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.services import exchanging, projects
from tests import factories
from training.selectors import active_coach

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    projects.adopt_shipped_coach(project)
    return project


@pytest.fixture
def coach(project):
    return active_coach(project.scope)


def names(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {Path(name).name for name in archive.namelist()}


def addresses(coach):
    return (
        reverse("coach-adapter", args=["demo", coach.pk]),
        f"/api/projects/demo/coaches/{coach.pk}/adapter/",
    )


def test_a_lead_downloads_it_on_the_page_and_by_the_api(client, project, coach):
    client.force_login(factories.make_member(project, Role.LEAD))
    page = client.get(reverse("coach", args=["demo", coach.pk])).content.decode()

    for address in addresses(coach):
        answer = client.get(address)
        content = b"".join(answer.streaming_content)

        assert answer["Content-Type"] == "application/zip"
        assert int(answer["Content-Length"]) == len(content)
        assert "README.md" in names(content)
        assert f"{coach.adapter_sha256[:12]}.zip" in answer["Content-Disposition"]
    assert addresses(coach)[0] in page


def test_who_may_not_export_gets_none(client, project, coach):
    client.force_login(factories.make_member(project, Role.REVIEWER))

    assert [client.get(each).status_code for each in addresses(coach)] == [403, 403]


def test_a_coach_of_another_project_is_not_there(client, project, coach):
    other = factories.make_project(slug="other")
    client.force_login(factories.make_member(project, Role.ADMIN))
    theirs = factories.make_coach(other)

    assert [client.get(each).status_code for each in addresses(theirs)] == [404, 404]
    with pytest.raises(Invalid, match="no such coach"):
        exchanging.pack(project=project, actor=None, coach=theirs)


def test_weights_that_are_gone_are_said(client, project, coach, settings):
    client.force_login(factories.make_member(project, Role.ADMIN))
    (Path(settings.COACH_STORE) / coach.adapter / "adapter_model.safetensors").unlink()

    page, api = (client.get(each) for each in addresses(coach))

    assert page.status_code == 422
    assert api.status_code == 422
    assert "not in the store" in api.json()["detail"]


def test_the_terminal_writes_it_too(project, coach, tmp_path, capsys):
    out = tmp_path / "coach.zip"

    call_command("export_adapter", "demo", str(out))

    assert "adapter_config.json" in names(out.read_bytes())
    assert str(out) in capsys.readouterr().out
    for given, said in (
        (["gone", str(out)], "no project gone"),
        (["demo", str(out), "--coach", "9"], "no coach 9"),
        (["demo", str(tmp_path / "no" / "x.zip")], "No such file"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("export_adapter", *given)
