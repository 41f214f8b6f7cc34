"""A coach's adapter goes to a hub: what arrives, who may, and what is said if not."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import AdapterPush
from annotator.services import projects, pushing
from tests import factories, fake_hub
from training.selectors import active_coach
from training.services import hubs, registry

pytestmark = pytest.mark.django_db
State = AdapterPush.State


@pytest.fixture
def project():
    project = factories.make_project()
    projects.adopt_shipped_coach(project)
    return project


@pytest.fixture
def coach(project):
    return active_coach(project.scope)


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN)


@pytest.fixture
def hub(settings):
    with fake_hub.serving() as found:
        settings.HUB_REPOSITORY = "team/coach-{project}"
        settings.HUB_TOKEN = fake_hub.TOKEN
        settings.HUB_ENDPOINT = found.address
        yield found


def pushed(project, ada, coach) -> AdapterPush:
    push = pushing.request(project=project, actor=ada, coach=coach)
    tasks.push_adapter(push.pk)
    push.refresh_from_db()
    return push


def test_the_folder_arrives_as_a_commit_of_a_private_repository(
    project, ada, coach, hub
):
    push = pushed(project, ada, coach)

    assert (push.state, push.problem) == (State.DONE, "")
    assert push.address == f"{hub.address}/team/coach-demo/commit/{1:040x}"
    assert hub.repositories["team/coach-demo"]["visibility"] == "private"
    [files] = hub.commits
    assert set(files) == {
        *("README.md", "adapter_config.json"),
        *("adapter_model.safetensors", "manifest.json"),
    }
    weights = hashlib.sha256(files["adapter_model.safetensors"]).hexdigest()
    assert weights == coach.adapter_sha256
    config = json.loads(files["adapter_config.json"])
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert hub.tokens == {f"Bearer {fake_hub.TOKEN}"}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "it does not know the token of COACHLM_HUB_TOKEN"),
        (403, "that token may not write to team/coach-demo"),
        (400, "refused"),
    ],
)
def test_a_refusal_is_told_in_words_without_the_token(
    project, ada, coach, hub, status, said
):
    hub.refuses_with = status

    push = pushed(project, ada, coach)

    assert push.state == State.FAILED
    assert said in push.problem
    assert fake_hub.TOKEN not in push.problem
    assert not hub.commits


def test_a_hub_that_is_away_is_told_and_pushed_to_again(
    project, ada, coach, hub, settings
):
    settings.HUB_ENDPOINT = "http://127.0.0.1:9"
    away = pushed(project, ada, coach)
    settings.HUB_ENDPOINT = hub.address

    again = pushed(project, ada, coach)

    assert away.state == State.FAILED
    assert "cannot be reached" in away.problem
    assert again.state == State.DONE


def test_the_page_and_the_api_push_and_say_how_it_went(
    client, project, ada, coach, hub
):
    client.force_login(ada)
    page, push = (
        reverse(name, args=["demo", coach.pk]) for name in ("coach", "coach-push")
    )
    api = f"/api/projects/demo/coaches/{coach.pk}/push/"
    before = client.get(page).content.decode()

    client.post(push)
    waits = client.get(page).content.decode()
    busy = client.post(api)
    tasks.push_adapters()
    pushing.carry_out(AdapterPush.objects.get().pk)
    after = client.get(page).content.decode()
    [told] = client.get(api).json()

    assert "Push to the hub" in before
    assert "as a commit of team/coach-demo" in before
    assert "waiting for the app worker" in waits
    assert "Push to the hub" not in waits
    assert (busy.status_code, busy.json()["code"]) == (422, "invalid")
    assert f'href="{hub.address}/team/coach-demo/commit/' in after
    assert (told["state"], told["problem"]) == ("done", "")


def test_without_a_hub_there_is_no_button_and_a_reason(client, project, ada, coach):
    client.force_login(ada)

    page = client.get(reverse("coach", args=["demo", coach.pk])).content.decode()

    assert "Push to the hub" not in page
    with pytest.raises(Invalid, match="COACHLM_HUB_REPOSITORY"):
        pushing.request(project=project, actor=ada, coach=coach)


def test_where_the_library_is_missing_that_is_said(
    project, ada, coach, hub, monkeypatch
):
    monkeypatch.setattr(hubs, "LIBRARY", "no_such_library")

    with pytest.raises(Invalid, match=r"coachlm install"):
        pushing.request(project=project, actor=ada, coach=coach)


def test_only_who_may_train_pushes_what_is_here(client, project, ada, coach, hub):
    lena = factories.make_member(project, Role.LEAD, "lena")
    away = registry.register_elsewhere(scope=project.scope, model="GPT")

    with pytest.raises(NotAllowed):
        pushing.request(project=project, actor=lena, coach=coach)
    with pytest.raises(Invalid, match="at work elsewhere"):
        pushing.request(project=project, actor=ada, coach=away)
    client.force_login(lena)
    page = client.get(reverse("coach", args=["demo", coach.pk])).content.decode()
    assert "Push to the hub" not in page


def test_a_worker_that_died_is_followed_by_another(project, ada, coach, hub):
    push = pushing.request(project=project, actor=ada, coach=coach)
    push.state, push.heard_at = State.WORKING, timezone.now() - timedelta(hours=1)
    push.save()

    waiting = pushing.to_carry_out()
    tasks.push_adapter(push.pk)

    push.refresh_from_db()
    assert waiting == [push.pk]
    assert push.state == State.DONE


def test_weights_that_are_damaged_do_not_go_out(project, ada, coach, hub, settings):
    [path] = (settings.BASE_DIR / settings.COACH_STORE).glob("*/*.safetensors")
    path.write_bytes(b"other")

    push = pushed(project, ada, coach)

    assert push.state == State.FAILED
    assert not hub.repositories


def test_the_command_pushes_the_active_coach(project, coach, hub, capsys):
    call_command("push_adapter", "demo")
    hub.refuses_with = 403

    said = capsys.readouterr().out
    with pytest.raises(CommandError, match="may not write"):
        call_command("push_adapter", "demo", coach=coach.number)

    assert f"{coach} is at {hub.address}/team/coach-demo/commit/" in said
