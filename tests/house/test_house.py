"""Promises of the house that no single package can keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from annotator.domain import rubric
from annotator.domain.roles import Role
from annotator.domain.states import TRANSITIONS, PairState
from annotator.web import figures, labels
from annotator.web.rubric import CRITERION_WORDS
from revision_engine import prompts
from revision_engine.postprocess import Problem
from tests import factories
from training.evaluation import metrics

BASE = Path(settings.BASE_DIR)
# role -> the screens (by name) that a GET opens for it, beside those open to all
OPEN = {
    *("project", "review", "review-feedback", "pairs", "guidelines"),
    *("mine", "mine-rows", "mine-reviews", "stopped", "ratings"),
}
JUDGES = {*OPEN, "quality"}
READ_BY_LEADS = {
    *("coaches", "runs-compare", "model-studies", "backbones"),
    "coach-studies",
    *("members", "units", "project-settings"),
}
"""An admin changes things there, a lead reads them."""
LEADS = {
    *JUDGES,
    *("batches", "rewrites", "stats", "export", "export-count", "dataset-reports"),
    *("quality-people", "quality-bulk", "gain", "gain-cells"),
    *("adjudication", "agreement", "agreement-rows", "signs", "signs-rows"),
    *("drift", "drift-rows", "reports"),
    *("rules", "rules-trial", "rules-proposals", "rules-log"),
    *READ_BY_LEADS,
}
ALL = {
    *LEADS,
    "model-study-estimate",
    "run-prepare",
    "auditions",
    "coach-upload",
    "project-end",
    "project-hook",
}
MAY_OPEN = {
    Role.ANNOTATOR: OPEN,
    Role.REVIEWER: JUDGES,
    Role.LEAD: LEADS,
    Role.ADMIN: ALL,
}
# Screens that need a row of their own, or take only POST: tested where they live.
NEEDS_A_ROW = {
    "review-submit",
    "review-autosave",
    "review-exclude",
    "review-give-back",
    "review-tick",
    "review-skip",
    "undo",
    "review-compare",
    "review-take-over",
    "review-candidates",
    "review-choose",
    "review-held-back",
    "review-ahead",
    "review-without-drafts",
    "review-ahead-give-back",
    "review-claim-again",
    "review-preview",
    "pair",
    "pair-comment",
    "pair-threads",
    "pair-resolve",
    "pair-unpark",
    "pair-gold",
    "mine-take-up",
    "project-hook-secret",
    "project-hook-test",
    "project-hook-delete",
    "adjudicate",
    "guidelines-write",
    "quality-judge",
    "quality-give-back",
    "quality-tick",
    "quality-take-over",
    "batch",
    "batch-cancel",
    "batch-mapping",
    "batch-mapping-preview",
    "batch-rejects",
    "batch-rejects-json",
    "batch-retry",
    "batch-take-out",
    "batch-revisions",
    "pair-overrule",
    "pair-put-back",
    "rules-start",
    "rules-run",
    "rules-cancel",
    "rules-resume",
    "rules-undo",
    "rule",
    "rule-move",
    "rule-switch",
    "export-file",
    "export-manifest",
    "export-cancel",
    "export-retry",
    "dataset-report",
    "dataset-report-coach",
    "dataset-report-json",
    "dataset-report-pdf",
    "dataset-report-cancel",
    "dataset-report-retry",
    "dataset-report-delete",
    "dataset-report-raters",
    "model-study-raters",
    "rating",
    "rating-answer",
    "rating-undo",
    "rating-end",
    "rating-delete",
    "model-study",
    "model-study-cancel",
    "model-study-delete",
    "model-study-json",
    "model-study-pdf",
    "model-study-resume",
    "coach-study",
    "coach-study-cancel",
    "coach-study-csv",
    "coach-study-delete",
    "coach-study-json",
    "coach-study-pdf",
    "coach-study-resume",
    "rewrite",
    "rewrite-pause",
    "rewrite-resume",
    "rewrite-cancel",
    "rewrite-export",
    "audition",
    "audition-cancel",
    "backbone",
    "backbone-cancel",
    "backbone-resume",
    "challenge-start",
    "challenge-end",
    "challenge-rows",
    "run-new",
    "run",
    "run-cancel",
    "run-resume",
    "coach",
    "coach-adapter",
    "coach-push",
    "coach-rows",
    "coach-quiet",
    "coach-quiet-use",
    "coach-quiet-rows",
    "coach-promote",
    "checklist-hide",
    "made-up-remove",
    "project-archive",
    "project-bring-back",
    "project-copy",
    "project-delete",
    "coach-roll-back",
    "schedule-pause",
    "drift-acknowledge",
    "drift-reference",
    "report",
    "report-pdf",
    "report-rows",
    "stats-csv",
    "invite",
    "invite-revoke",
}
OF_NO_PROJECT = {
    *("home", "project-new", "find", "join", "first-start", "first-admin"),
    *("inbox", "inbox-read", "inbox-choices"),
    *("people", "person", "me", "me-token", "me-sessions"),
}


@pytest.mark.process
def test_the_web_process_never_loads_torch():
    code = (
        "import django, sys; django.setup();"
        "import annotator.config.asgi, annotator.config.urls, annotator.tasks;"
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'peft')))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=BASE, check=False)

    assert done.returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_screens_and_no_others(client, role):
    project = factories.make_project()
    client.force_login(factories.make_member(project, role))

    answers = {name: client.get(reverse(name, args=["demo"])) for name in sorted(ALL)}

    opened = {name for name, answer in answers.items() if answer.status_code == 200}
    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert opened == MAY_OPEN[role]
    assert refused == ALL - MAY_OPEN[role]


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_does_not_open_names_whom_to_ask_and_keeps_the_way(client, role):
    project = factories.make_project()
    for known in (Role.ADMIN, Role.LEAD):
        factories.make_member(project, known, f"known-{known}")
    client.force_login(factories.make_member(project, role))

    for name in sorted(ALL - MAY_OPEN[role]):
        answer = client.get(reverse(name, args=["demo"]))

        page = answer.content.decode()
        assert answer.status_code == 403, name
        assert "<strong>known-admin</strong>" in page, name
        assert "<strong>known-lead</strong>" in page, name
        assert f'href="{reverse("pairs", args=["demo"])}"' in page, name


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(READ_BY_LEADS))
def test_what_a_lead_only_reads_offers_no_change_and_takes_none(client, name):
    project = factories.make_project()
    factories.make_member(project, Role.ADMIN, "known-admin")
    client.force_login(factories.make_member(project, Role.LEAD))
    address = reverse(name, args=["demo"])

    page = client.get(address).content.decode()
    body = page.split("<main", 1)[1].split("</main>", 1)[0]
    sent = client.post(address, {"action": "add", "name": "x", "username": "x"})

    assert sent.status_code in (403, 405)
    if name in ("members", "units", "project-settings"):
        assert "<strong>known-admin</strong>" in body
        assert 'type="submit"' not in body


@pytest.mark.django_db
def test_a_project_does_not_exist_for_outsiders(client):
    factories.make_project()
    other = factories.make_project(slug="other")
    client.force_login(factories.make_member(other, Role.ADMIN))

    answers = [client.get(reverse(name, args=["demo"])) for name in sorted(ALL)]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.django_db
def test_every_screen_asks_for_a_login(client):
    factories.make_project()

    answers = [client.get(reverse(name, args=["demo"])) for name in sorted(ALL)]

    assert all(answer.status_code == 302 for answer in answers)
    assert all(answer.url.startswith("/login/") for answer in answers)


def test_the_table_of_roles_knows_every_screen():
    named = set()

    def collect(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                collect(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                named.add(pattern.name)

    collect(get_resolver("annotator.web.urls").url_patterns)

    assert named == ALL | NEEDS_A_ROW | OF_NO_PROJECT


def test_every_state_is_reached_and_none_skips_review():
    reached = {PairState.IMPORTED}
    for _ in PairState:
        reached |= {new for old in reached for new in TRANSITIONS[old]}

    into_accepted = {
        old for old, new in TRANSITIONS.items() if PairState.ACCEPTED in new
    }

    assert reached == set(PairState)
    # Imported: a revision that a person made elsewhere and that came with the file.
    # Reviewed: not drawn for quality control, or accepted in bulk.
    assert into_accepted == {
        PairState.IN_QUALITY,
        PairState.IMPORTED,
        PairState.REVIEWED,
    }


def test_released_prompts_never_change():
    assert prompts.digest("coachlm-1") == (
        "89e5d523d394ab33e1995686a38200f8900e5fd4fc641cc23174aa6103bf3b00"
    )
    assert prompts.digest("coachlm-2") == (
        "c20444a3db388f2fd74e4fa946880eed7695026769726424327774e87ad6a65c"
    )
    assert set(prompts.PROMPTS) == {"coachlm-1", "coachlm-2"}


def test_every_word_in_a_row_has_a_word_for_people():
    assert set(labels.STATES) == set(PairState)
    assert set(labels.PROBLEMS) == set(Problem)
    assert set(CRITERION_WORDS) == set(rubric.BY_KEY)
    assert set(figures.FIGURES) >= {name for name, *_ in metrics.FIGURES}
    assert set(figures.UNITS) >= {figure.unit for figure in metrics.FIGURES}


def test_chinese_is_complete_and_compiled():
    folder = BASE / "annotator" / "locale" / "zh_Hans" / "LC_MESSAGES"
    written = polib.pofile(str(folder / "django.po"))
    compiled = polib.mofile(str(folder / "django.mo"))

    missing = [e.msgid for e in written if not e.translated()]

    assert not missing
    assert {(e.msgid, e.msgstr) for e in compiled} == {
        (e.msgid, e.msgstr) for e in written
    }


@pytest.mark.django_db
def test_a_person_reads_the_pages_in_their_language(client):
    factories.make_project()
    project = factories.make_project(slug="zh")
    client.force_login(factories.make_member(project, Role.LEAD))

    by_browser = client.get("/p/zh/pairs/", headers={"accept-language": "zh-CN"})
    client.post("/language/", {"language": "en"})
    by_choice = client.get("/p/zh/pairs/", headers={"accept-language": "zh-CN"})

    assert "数据对" in by_browser.content.decode()
    assert "数据对" not in by_choice.content.decode()


def test_every_setting_is_in_the_operations_guide():
    guide = (BASE / "docs" / "operations.md").read_text()

    missing = [s.name for s in settings.ENV.known if f"`{s.name}`" not in guide]

    assert not missing


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "limit"), [("review", 29), ("stats", 46), ("pairs", 15)]
)
def test_a_screen_keeps_its_query_budget(
    client, django_assert_max_num_queries, name, limit
):
    project = factories.make_drafted(30)
    client.force_login(factories.make_member(project, Role.ADMIN))

    with django_assert_max_num_queries(limit):
        answer = client.get(reverse(name, args=["demo"]))

    assert answer.status_code == 200
