"""Rule scripts over the API and on the command line."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotator.domain.roles import Role
from annotator.models import Pair, RuleRun
from annotator.services import running_rules
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/rules/"


@pytest.fixture(autouse=True)
def project(client):
    project = factories.make_project()
    rows = [
        {"instruction": "Mail anna@firma.de.", "input": "", "output": "So."},
        {"instruction": "Say bomb.", "input": "", "output": "So."},
    ]
    factories.import_rows(project, rows)
    client.force_login(factories.make_member(project, Role.LEAD))
    return project


def send(client, what, address=ADDRESS, way="post"):
    return getattr(client, way)(
        address, json.dumps(what), content_type="application/json"
    )


def test_rules_are_listed_and_set(client):
    rule = {"key": "safety", "way": "propose", "settings": {"words": ["bomb"]}}

    answer = send(client, rule, way="patch")

    by_key = {rule["key"]: rule for rule in answer.json()}
    assert by_key["safety"]["settings"] == {"words": ["bomb"]}
    assert by_key["normalise"]["is_on"]
    off = send(client, {"key": "normalise", "is_on": False}, way="patch")
    assert not off.json()[0]["is_on"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"key": "nothing", "is_on": True}, "no rule nothing"),
        ({"is_on": True}, "Name the rule"),
        ({"key": "length", "settings": {"most_tokens": "x"}}, "most_tokens"),
        ({"key": "length", "way": "shout"}, "shout"),
    ],
)
def test_what_cannot_be_is_named(client, sent, told):
    answer = send(client, sent, way="patch")

    assert answer.status_code in (400, 422)
    assert told in answer.content.decode()


def test_a_run_is_begun_watched_decided_and_undone(client):
    rule = {"key": "safety", "settings": {"words": ["bomb"]}}
    send(client, rule, way="patch")

    begun = send(client, {}, f"{ADDRESS}runs/")
    running_rules.run(begun.json()["id"])

    assert begun.status_code == 201
    run = client.get(f"{ADDRESS}runs/{begun.json()['id']}/").json()
    assert (run["state"], run["changed"]) == ("done", 1)
    counts = {count["rule"]: count for count in run["counts"]}
    assert counts["personal"]["fixed"] == 1
    (proposal,) = client.get(f"{ADDRESS}proposals/").json()
    assert proposal["reason"] == "safety"
    assert send(client, {"take": "all"}, f"{ADDRESS}proposals/").json() == {"pairs": 1}
    undone = send(client, {}, f"{ADDRESS}runs/{run['id']}/undo/")
    assert undone.json()["state"] == "undoing"
    assert [each["id"] for each in client.get(f"{ADDRESS}runs/").json()] == [run["id"]]


def test_annotators_do_not_reach_it(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    for address in (ADDRESS, f"{ADDRESS}runs/", f"{ADDRESS}proposals/"):
        assert client.get(address).status_code == 403


def test_the_command_previews_and_runs():
    told = StringIO()

    call_command("rules", "demo", "--preview", stdout=told)

    assert "'anna@firma.de' -> '[EMAIL]'" in told.getvalue()
    assert not RuleRun.objects.exists()
    call_command("rules", "demo", stdout=told)
    assert "1 pairs altered" in told.getvalue()
    assert Pair.objects.get(row=1).instruction == "Mail [EMAIL]."
    with pytest.raises(CommandError, match="no project"):
        call_command("rules", "other")
