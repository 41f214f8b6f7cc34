"""Comparing backbones, on the page and over the API."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import BackboneComparison
from tests import backbones, factories
from training.models import CoachVersion

pytestmark = pytest.mark.django_db
API = "/api/projects/demo/backbones/"


@pytest.fixture
def project(settings):
    settings.HELD_OUT_SHARE = 0.4
    project = factories.make_project()
    factories.make_coach(project, "the first one")
    factories.make_coach(project, "the second one")
    factories.import_rows(project, factories.rows(40, revised=True))
    return project


@pytest.fixture(autouse=True)
def ada(client, project):
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    return ada


def test_one_button_compares_what_the_page_suggests(client, project):
    address = reverse("backbones", args=["demo"])
    form = client.get(address).context["form"]
    chosen = {name: form[name].value() for name in ("coaches", "base_models", "pairs")}

    answer = client.post(address, chosen)

    comparison = BackboneComparison.objects.get()
    assert answer.url == reverse("backbone", args=["demo", comparison.pk])
    # Both coaches are of one base model: the newest beside that base alone.
    names = [each.name for each in comparison.backbones.all()]
    assert names == ["the second one", "SmolLM2-135M-Instruct"]


def test_too_few_are_refused_on_the_page(client, project):
    only = {"coaches": [CoachVersion.objects.first().pk], "pairs": 10}

    answer = client.post(reverse("backbones", args=["demo"]), only)

    assert answer.status_code == 422
    assert "Choose 2 to 6 coaches or base models." in answer.content.decode()


def test_quality_pace_and_memory_stand_side_by_side(client, project, ada):
    comparison = backbones.measured(project, ada)

    page = client.get(reverse("backbone", args=["demo", comparison.pk]))
    listed = client.get(reverse("backbones", args=["demo"])).content.decode()
    told = client.get(f"{API}{comparison.pk}/").json()

    text = page.content.decode()
    assert "Peak memory" in text
    assert "Effort saved" in text
    assert text.count("the second one") >= 2
    assert "the first one, the second one" in listed
    assert (told["state"], told["done"], told["total"]) == (
        "done",
        2 * told["pairs"],
        2 * told["pairs"],
    )
    one = told["backbones"][1]
    assert one["name"] == "the second one"
    assert one["tokens_per_second"] > 0
    assert one["memory_bytes"] > 0
    [saved] = [
        figure
        for figure in one["figures"]
        if (figure["name"], figure["side"]) == ("effort saved", "")
    ]
    assert saved["low"] <= saved["value"] <= saved["high"]


def test_the_api_asks_cancels_and_goes_on(client, project):
    def post(address, what):
        body = json.dumps(what)
        return client.post(address, body, content_type="application/json")

    pks = list(CoachVersion.objects.values_list("pk", flat=True))
    asked = post(API, {"coaches": pks, "pairs": 6})
    pk = asked.json()["id"]
    cancelled = post(f"{API}{pk}/cancel/", {})
    resumed = post(f"{API}{pk}/resume/", {})
    bad = post(API, {"coaches": pks[:1]})

    assert (asked.status_code, asked.json()["total"]) == (202, 12)
    assert cancelled.json()["state"] == "cancelled"
    assert resumed.json()["state"] == "waiting"
    assert bad.status_code == 422
    assert [each["id"] for each in client.get(API).json()] == [pk]


def test_a_lead_reads_it_and_an_annotator_does_not(client, project, ada):
    comparison = backbones.measured(project, ada)
    address = reverse("backbone", args=["demo", comparison.pk])
    seen = {}
    for role in (Role.LEAD, Role.ANNOTATOR):
        client.force_login(factories.make_member(project, role, str(role)))
        seen[role] = client.get(address).status_code
        cancel = client.post(reverse("backbone-cancel", args=["demo", comparison.pk]))
        assert cancel.status_code == 403

    assert seen == {Role.LEAD: 200, Role.ANNOTATOR: 403}
