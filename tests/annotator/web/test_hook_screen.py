"""The page of a project's webhook."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.models import Hook
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project()


def test_an_admin_sets_it_sees_the_secret_and_makes_a_new_one(client, project, ada):
    client.force_login(ada)
    page = reverse("project-hook", args=["demo"])

    client.post(page, {"url": "https://chat.example.org/in", "is_on": "on"})
    secret = Hook.objects.get().secret
    shown = client.get(page).content.decode()
    client.post(reverse("project-hook-secret", args=["demo"]))

    assert secret in shown
    assert Hook.objects.get().secret != secret


def test_a_wrong_address_is_told_beside_it_and_stays_in_the_form(client, project, ada):
    client.force_login(ada)

    answer = client.post(reverse("project-hook", args=["demo"]), {"url": "ftp://<x>"})

    assert answer.status_code == 422
    assert "begins with https:// or http://" in answer.content.decode()
    assert 'value="ftp://&lt;x&gt;"' in answer.content.decode()
    assert not Hook.objects.exists()


def test_a_lead_does_not_see_the_secret(client, project, lena):
    client.force_login(lena)

    assert client.get(reverse("project-hook", args=["demo"])).status_code == 403
