"""The rules' pages: arrange, set, try, run, decide, put back."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Pair, ProjectRule, RuleRun
from annotator.services import arranging_rules, running_rules
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    rows = [
        {"instruction": "Mail <anna@firma.de>.", "input": "", "output": "So."},
        {"instruction": "Say bomb.", "input": "", "output": "So."},
    ]
    factories.import_rows(project, rows)
    return project


@pytest.fixture
def lead(client, project):
    lead = factories.make_member(project, Role.LEAD)
    client.force_login(lead)
    return lead


@pytest.fixture
def finished(project, lead):
    arranging_rules.set_up(
        project=project, actor=lead, key="safety", way="propose",
        settings={"words": ["bomb"]},
    )  # fmt: skip
    run = running_rules.start(project=project, actor=lead)
    running_rules.run(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.usefixtures("lead")
def test_the_list_has_each_rule_and_what_the_last_run_found(client, finished):
    page = client.get("/p/demo/rules/").content.decode()

    assert "Personal data" in page
    assert "1 pair would be excluded." in page
    assert "1 pair was altered." in page


@pytest.mark.usefixtures("lead")
def test_a_rule_that_found_nothing_has_one_zero(client, finished):
    page = client.get(f"/p/{finished.project.slug}/rules/").content.decode()
    rows = {
        title: re.findall(r'<td class="number[^>]*>(?:<span[^>]*>)?(\w*)', row)[1:5]
        for row in page.split("<tr")
        for title in ("Personal data", "Placeholders and links")
        if f">{title}</a>" in row
    }

    assert rows["Placeholders and links"] == ["0", "", "", ""]
    assert rows["Personal data"] == ["1", "1", "1", "0"]


@pytest.mark.usefixtures("lead")
def test_a_rule_is_moved_and_switched(client, project):
    client.post("/p/demo/rules/of/personal/move/", {"way": "up"})
    client.post("/p/demo/rules/of/normalise/switch/", {"way": "off"})

    first, second = arranging_rules.listed(project)[:2]
    assert (first.key, second.key, second.is_on) == ("personal", "normalise", False)


@pytest.mark.usefixtures("lead")
def test_settings_are_typed_and_a_wrong_one_is_named(client, project):
    address = "/p/demo/rules/of/safety/"
    right = {"way": "at_once", "words": "bomb\n\n毒品 \n", "in_response": ""}

    assert client.post(address, right).status_code == 302
    wrong = client.post("/p/demo/rules/of/alike/", {"way": "tag", "least_alike": "0.1"})

    rule = ProjectRule.objects.get(key="safety")
    assert rule.way == "at_once"
    assert rule.settings == {"words": ["bomb", "毒品"], "in_response": False}
    assert wrong.status_code == 422
    assert "least_alike must be between" in wrong.content.decode()
    assert "毒品" in client.get(address).content.decode()


@pytest.mark.usefixtures("lead", "project")
def test_every_rule_has_a_form_and_none_that_is_not(client):
    for key in arranging_rules.registry.known().rules:
        assert client.get(f"/p/demo/rules/of/{key}/").status_code == 200
    assert client.get("/p/demo/rules/of/nothing/").status_code == 404


@pytest.mark.usefixtures("lead", "project")
def test_a_trial_shows_what_would_change_escaped(client):
    page = client.get("/p/demo/rules/trial/?draw=3").content.decode()

    assert "<del>" in page
    assert "anna@firma.de" in page
    assert "<anna" not in page
    assert "2 pairs were drawn." in page
    assert not RuleRun.objects.exists()


@pytest.mark.usefixtures("lead")
def test_a_run_is_started_watched_and_cancelled(client, project):
    client.post("/p/demo/rules/start/")
    run = RuleRun.objects.get()
    if run.state == RuleRun.State.WAITING:
        assert 'hx-trigger="every 1s"' in client.get("/p/demo/rules/").content.decode()
        client.post(f"/p/demo/rules/runs/{run.pk}/cancel/")
        run.refresh_from_db()
        assert run.state == RuleRun.State.CANCELLED
    answer = client.get(f"/p/demo/rules/runs/{run.pk}/", headers={"hx-request": "true"})
    assert answer["HX-Refresh"] == "true"


@pytest.mark.usefixtures("lead")
def test_a_run_is_put_back(client, finished):
    client.post(f"/p/demo/rules/runs/{finished.pk}/undo/")
    running_rules.run(finished.pk)

    assert "anna@firma.de" in Pair.objects.get(row=1).instruction
    page = client.get(f"/p/demo/rules/runs/{finished.pk}/").content.decode()
    assert "1 pair was put back." in page


@pytest.mark.usefixtures("lead")
@pytest.mark.parametrize(
    ("way", "state"), [("take", PairState.EXCLUDED), ("leave", PairState.QUEUED)]
)
def test_proposals_are_decided(client, finished, way, state):
    page = client.get("/p/demo/rules/proposals/").content.decode()
    assert "It has the word “bomb” of the list." in page

    client.post("/p/demo/rules/proposals/", {"way": way})

    assert Pair.objects.get(row=2).state == state
    assert "Nothing waits" in client.get("/p/demo/rules/proposals/").content.decode()


@pytest.mark.usefixtures("lead", "finished")
def test_a_pair_shows_what_rules_did_and_is_put_back(client):
    pair = Pair.objects.get(row=1)
    page = client.get(f"/p/demo/pairs/{pair.pk}/").content.decode()
    assert "had its raw text altered" in page
    assert "anna@firma.de" in page
    assert "email" in page

    client.post(f"/p/demo/pairs/{pair.pk}/put-back/")

    pair.refresh_from_db()
    assert "anna@firma.de" in pair.instruction


@pytest.mark.usefixtures("finished")
def test_who_may_not_import_does_not_see_what_was_masked(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))
    pair = Pair.objects.get(row=1)

    page = client.get(f"/p/demo/pairs/{pair.pk}/").content.decode()

    assert "had its raw text altered" in page
    assert "anna@firma.de" not in page
    assert client.post(f"/p/demo/pairs/{pair.pk}/put-back/").status_code == 403


@pytest.mark.usefixtures("lead", "finished")
def test_pairs_are_found_by_their_tag(client):
    page = client.get("/p/demo/pairs/?label=email").content.decode()

    assert "Mail &lt;[EMAIL]&gt;" in page
    assert "Say bomb" not in page


LOG = "7 Q: Name a river. A: Rhine.\nnonsense\n"
PATTERN = r"^(?P<id>\S+) Q: (?P<instruction>.+?) A: (?P<response>.+)$"


@pytest.mark.usefixtures("lead", "project")
def test_a_pattern_is_tried_then_saved_then_reads_logs(client):
    address = "/p/demo/rules/log/"
    tried = client.post(address, {"pattern": PATTERN, "lines": LOG, "try": "1"})
    page = tried.content.decode()
    assert "Name a river." in page
    assert "does not match" in page
    assert client.post(address, {"pattern": PATTERN, "save": "1"}).status_code == 302
    assert "?P&lt;id&gt;" in client.get(address).content.decode()

    file = SimpleUploadedFile("a.log", LOG.encode())
    client.post("/p/demo/batches/", {"file": file})

    pair = Pair.objects.get(external_id="7")
    assert (pair.instruction, pair.response) == ("Name a river.", "Rhine.")
    assert pair.batch.rejects.get().source == "nonsense"


@pytest.mark.usefixtures("lead", "project")
def test_a_pattern_that_cannot_be_used_is_named_and_kept_on_the_page(client):
    answer = client.post("/p/demo/rules/log/", {"pattern": "(x", "save": "1"})

    assert answer.status_code == 422
    assert "cannot be read" in answer.content.decode()
    assert ">\n(x</textarea>" in answer.content.decode()
