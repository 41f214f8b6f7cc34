"""The webhook by the API: what an admin does on its page."""

from __future__ import annotations

import pytest

from annotator import tasks
from annotator.domain.news import Kind
from annotator.models import Hook, HookCall, Notice
from annotator.services import calling, hooks
from annotator.services.news import News
from tests import factories

pytestmark = pytest.mark.django_db
HOOK = "/api/projects/demo/hook/"
URL = "https://chat.example.org/in"


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def put(client, **body):
    return client.put(HOOK, body, content_type="application/json")


def test_it_is_made_changed_read_and_deleted(admin):
    missing = admin.get(HOOK)
    made = put(admin, url=URL)
    changed = put(admin, url=f"{URL}2", is_on=False)
    read = admin.get(HOOK).json()
    deleted = admin.delete(HOOK)

    assert missing.status_code == 404
    assert made.status_code == 201
    assert changed.status_code == 200
    assert (read["url"], read["is_on"]) == (f"{URL}2", False)
    assert read["secret"] == made.json()["secret"]
    assert deleted.status_code == 204
    assert not Hook.objects.exists()
    assert admin.delete(HOOK).status_code == 422


def test_the_secret_is_not_given_but_renewed(admin):
    first = put(admin, url=URL, secret="mine").json()["secret"]

    second = admin.post(f"{HOOK}secret/").json()["secret"]

    assert "mine" not in (first, second)
    assert first != second


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"url": "ftp://example.org"}, 422),
        ({"url": "https://me:pw@example.org"}, 422),
        ({"url": "https://" + "x" * 600}, 400),
        ({"url": URL, "is_on": "perhaps"}, 400),
    ],
)
def test_what_cannot_be_called_is_refused(admin, body, status):
    assert put(admin, **body).status_code == status
    assert not Hook.objects.exists()


def test_a_test_call_goes_out_signed_and_is_listed(admin, monkeypatch):
    put(admin, url=URL)
    sent = []
    monkeypatch.setattr(
        calling, "_post", lambda call: sent.append(call.body) or (204, "")
    )

    made = admin.post(f"{HOOK}test/")
    tasks.call_hook(made.json()["id"])
    [call] = admin.get(f"{HOOK}calls/").json()

    assert made.status_code == 202
    assert '"event": "test"' in sent[0]
    assert (call["tries"], call["next_at"]) == (1, None)
    assert call["body"]["by"] == "ada"
    assert admin.get(HOOK).json()["status"] == 204


def test_no_test_goes_to_a_hook_that_is_off_or_missing(admin):
    missing = admin.post(f"{HOOK}test/")
    put(admin, url=URL, is_on=False)
    off = admin.post(f"{HOOK}test/")

    assert (missing.status_code, off.status_code) == (422, 422)
    assert not HookCall.objects.exists()


def test_deliveries_are_listed_newest_first(admin, project):
    put(admin, url=URL)
    for n in range(2):
        event = News(
            kind=Kind.RUN, project=project, about=Notice.About.RUN, key=f"run:{n}"
        )
        hooks.queue([event], project)

    calls = admin.get(f"{HOOK}calls/").json()

    assert [each["key"] for each in calls] == ["run:1", "run:0"]
    assert calls[0]["body"]["event"] == "run"


@pytest.mark.parametrize("way", ["get", "put", "delete"])
def test_it_is_an_admins(client, lena, way):
    client.force_login(lena)

    assert getattr(client, way)(HOOK).status_code == 403
    for step in ("secret", "test"):
        assert client.post(f"{HOOK}{step}/").status_code == 403
    assert client.get(f"{HOOK}calls/").status_code == 403


def test_the_page_sends_a_test_lists_it_and_deletes(admin):
    put(admin, url=URL)

    admin.post("/p/demo/hook/test/")
    page = admin.get("/p/demo/hook/").content.decode()
    admin.post("/p/demo/hook/delete/")

    assert "test:" in page
    assert "not sent yet" in page
    assert not Hook.objects.exists()
    assert "chat.example.org" not in admin.get("/p/demo/hook/").content.decode()
