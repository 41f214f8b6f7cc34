"""Every page that a person can open, as addresses of one project that is full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotator.domain.dataset_reports import ReportOrder
from annotator.domain.roles import Role
from annotator.formats.exports.orders import ExportOrder
from annotator.models import Project, User
from annotator.selectors.reports import weekly
from annotator.services import (
    arranging_rules,
    asking_raters,
    auditioning,
    dataset_reporting,
    exporting,
    inviting,
    rating_blind,
    rewriting,
    running_rules,
)
from annotator.services.made_up import weeks
from annotator.services.made_up.cast import CAST
from annotator.services.made_up.clock import Clock
from annotator.services.made_up.desk import Desk
from revision_engine.types import DraftResult
from tests import backbones, coach_studies, estimates, factories, studies
from training.models import CoachVersion, TrainingRun
from training.selectors import active_coach

SHORT = {"WEEKS": 1, "TRAINED_IN_WEEKS": (0,), "IMPORTED_IN_WEEKS": (0,)}
"""One of the demo's weeks instead of seven: as full, in a few seconds."""
SHARES = {"planted_share": 0.25, "overlap_share": 0.3, "gate": {"minimum_pairs": 4}}
CSV = b"frage;antwort\nWo liegt K\xc3\xb6ln?;Am Rhein.\n"


@dataclass
class World:
    """The demo's made-up project, with one of everything that has a page."""

    project: Project
    token: str = ""
    """Of an invitation that nobody has taken."""
    rows: dict[str, Any] = field(default_factory=dict)

    def person(self, name: str) -> User:
        return User.objects.get(username=name)


def make() -> World:
    """Tell a week of the demo, and add what the demo has none of."""
    with (
        mock.patch.multiple(weeks, **SHORT),
        mock.patch.dict(weeks.SETTINGS, **SHARES),
        mock.patch.object(Desk, "choose"),  # what two people wrote stays disputed
    ):
        project = weeks.begin(
            guidelines="Be kind.",
            passwords={each.name: factories.PASSWORD for each in CAST},
        )
        assert weeks.fill(project)
    world = World(Project.objects.get(pk=project.pk))
    with Clock(timezone.now() - timedelta(hours=1)).running():  # past its undo time
        factories.review(world.project, world.person("anna"))
    ada = world.person("ada")
    estimates.give(active_coach(project.scope))
    world.rows = {
        "batch": project.batches.first(),
        "batch-mapping": _asked(project, ada),
        "pair": project.pairs.filter(reviews__isnull=False).first(),
        "audition": _audition(project, ada),
        "backbone": backbones.measured(project, ada),
        "coach": active_coach(project.scope),
        "coach-quiet": active_coach(project.scope),
        "run": TrainingRun.objects.filter(scope=project.scope).first(),
        "rewrite": _rewrite(project, ada),
        "rules-run": _rules_run(project, ada),
        "adjudicate": project.pairs.filter(state="disputed").first(),
        "person": world.person("anna"),
        "dataset-report": _dataset_report(project, ada),
        "model-study": studies.done(project, ada),
        "coach-study": coach_studies.shown(project, ada),
    }
    world.rows |= {
        "rating": _rating(world.rows["dataset-report"], ada),
        "dataset-report-raters": world.rows["dataset-report"],
        "model-study-raters": world.rows["model-study"],
    }
    assert all(world.rows.values()), world.rows
    _, world.token = inviting.invite(actor=ada, roles={project: Role.LEAD})
    order = ExportOrder.from_dict({})
    export = exporting.request(project=project, actor=ada, order=order)
    exporting.write(export.pk)
    return world


def _asked(project: Project, ada: User) -> Any:
    client = Client()
    client.force_login(ada)
    file = SimpleUploadedFile("fragen.csv", CSV)
    client.post(reverse("batches", args=[project.slug]), {"file": file})
    return project.batches.latest("pk")


def _rewrite(project: Project, ada: User) -> Any:
    return rewriting.start(
        project=project,
        actor=ada,
        coach=active_coach(project.scope),
        name="five.json",
        rows=rewriting.rows_of_objects(factories.rows(5)),
    )


def _dataset_report(project: Project, ada: User) -> Any:
    order = ReportOrder.from_dict({})
    report = dataset_reporting.request(project=project, actor=ada, order=order)
    dataset_reporting.make(report.pk)
    return report


def _rating(report: Any, ada: User) -> Any:
    """Of the report, with one answer of hers, so that its page shows what people
    say."""
    report.refresh_from_db()
    order = asking_raters.order_of({"people": ["ada"], "raters": 1, "mode": "rate"})
    rating = asking_raters.of_report(report=report, actor=ada, order=order)
    held = rating_blind.claim(rating=rating, person=ada)
    assert held
    said = rating_blind.Said(instruction=60, response=70)
    rating_blind.answer(
        rating=rating, token=held.token, person=ada, deed=uuid4(), said=said
    )
    return rating


def _audition(project: Project, ada: User) -> Any:
    """Drafts of two coaches, the last of which have not come."""
    coaches = CoachVersion.objects.filter(scope=project.scope, is_elsewhere=False)
    audition = auditioning.begin_draw(
        project=project, actor=ada, coaches=[each.pk for each in coaches[:2]]
    )
    message = auditioning.take(audition.pk)
    assert message
    results = [
        DraftResult(key=each.key, text=factories.better(each.text), new_tokens=9)
        for each in message.requests
    ]
    auditioning.store(audition_id=audition.pk, results=results)
    return audition


def _rules_run(project: Project, ada: User) -> Any:
    arranging_rules.set_up(
        project=project, actor=ada, key="safety", way="propose",
        settings={"words": ["the"]},
    )  # fmt: skip
    run = running_rules.start(project=project, actor=ada)
    running_rules.run(run.pk)
    return run


OF_PROJECT = {
    "ada": (
        *("project", "review-feedback", "pairs", "guidelines"),
        *("mine", "mine-reviews", "batches", "rewrites", "stats", "export"),
        *("quality-people", "quality-bulk", "gain", "adjudication", "agreement"),
        *("signs", "drift", "reports", "rules", "rules-trial", "rules-proposals"),
        *("rules-log", "coaches", "auditions", "coach-upload", "run-prepare"),
        "backbones",
        *("runs-compare", "members", "units", "dataset-reports"),
        *("project-settings", "project-end", "project-hook", "model-studies"),
        "coach-studies",
        "ratings",
    ),
    "anna": ("project", "review", "mine", "mine-reviews", "review-feedback"),
    "leo": ("quality",),
}
"""Who opens which pages of the project, by the addresses' names."""
OF_ROWS = {
    *(
        "audition",
        "backbone",
        "batch",
        "batch-mapping",
        "pair",
        "coach",
        "coach-quiet",
        "run",
        "rewrite",
        "rules-run",
        "dataset-report",
        "model-study",
        "coach-study",
    ),
    *("adjudicate", "rating", "dataset-report-raters", "model-study-raters"),
}
"""Pages of one row of the project (`World.rows`)."""
ABOVE = {
    *("home", "project-new", "inbox", "inbox-choices", "people", "me"),
    *("account_change_password", "mfa_index", "mfa_activate_totp"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_generate_recovery_codes"),
    "account_reauthenticate",
}
"""Pages of no project, for whoever is signed in."""
OF_NOBODY = {"first-start", "first-admin"}
"""Pages of an installation that is empty, walked by a test of their own."""
OF_A_KEY = {"rule", "report", "person", "join"}
"""Pages whose address holds something else than a row's number."""
NO_PAGES = {
    *("agreement-rows", "batch-cancel", "batch-mapping-preview", "batch-rejects"),
    *("batch-rejects-json", "batch-retry", "batch-revisions", "batch-take-out"),
    *("audition-cancel", "backbone-cancel", "backbone-resume"),
    *("challenge-end", "challenge-rows", "challenge-start", "checklist-hide"),
    *("coach-adapter", "coach-push"),
    *("coach-promote", "coach-roll-back", "coach-rows", "drift-acknowledge"),
    *("coach-quiet-use", "coach-quiet-rows"),
    *("model-study-cancel", "model-study-delete", "model-study-estimate"),
    *("model-study-json", "model-study-pdf", "model-study-resume"),
    *("coach-study-cancel", "coach-study-csv", "coach-study-delete"),
    *("coach-study-json", "coach-study-pdf", "coach-study-resume"),
    *("rating-answer", "rating-undo", "rating-end", "rating-delete"),
    *("drift-reference", "drift-rows", "export-cancel", "export-count"),
    *("dataset-report-cancel", "dataset-report-delete", "dataset-report-json"),
    *("dataset-report-coach", "dataset-report-pdf", "dataset-report-retry"),
    *("export-file", "export-manifest", "export-retry", "find", "gain-cells"),
    *("guidelines-write", "inbox-read", "invite", "invite-revoke", "made-up-remove"),
    *("me-sessions", "me-token", "mine-rows", "mine-take-up", "pair-comment"),
    *("pair-gold", "pair-overrule", "pair-put-back", "pair-resolve", "pair-threads"),
    *("pair-unpark", "project-archive", "project-bring-back", "project-copy"),
    *(
        "project-delete",
        "project-hook-delete",
        "project-hook-secret",
        "quality-give-back",
        "quality-judge",
    ),
    *(
        "project-hook-test",
        "quality-take-over",
        "quality-tick",
        "report-pdf",
        "report-rows",
    ),
    *("review-ahead", "review-ahead-give-back", "review-without-drafts"),
    *("review-autosave", "review-choose", "review-candidates", "review-held-back"),
    *("review-claim-again", "review-compare", "review-exclude", "review-give-back"),
    *("review-preview", "review-skip", "review-submit", "review-take-over"),
    *("review-tick", "rewrite-cancel", "rewrite-export", "rewrite-pause"),
    *("rewrite-resume", "rule-move", "rule-switch", "rules-cancel", "rules-resume"),
    *("rules-start", "rules-undo", "run-cancel", "run-new", "run-resume"),
    *("schedule-pause", "signs-rows", "stats-csv", "stopped", "undo"),
}
"""Addresses that take what was sent, or give a file, or a part of a page."""
WALKED = {
    *OF_ROWS,
    *ABOVE,
    *OF_A_KEY,
    *(n for names in OF_PROJECT.values() for n in names),
}


def pages(world: World) -> Iterator[tuple[str, str, str]]:
    """(person, the address' name, the address) of every page."""
    slug = world.project.slug
    for person, names in OF_PROJECT.items():
        yield from ((person, name, reverse(name, args=[slug])) for name in names)
    for name in sorted(OF_ROWS):
        yield "ada", name, reverse(name, args=[slug, world.rows[name].pk])
    second = f"{reverse('run-prepare', args=[slug])}?learns=preferences"
    yield "ada", "run-prepare", second
    yield "ada", "rule", reverse("rule", args=[slug, "safety"])
    week = weekly.this_week()
    yield "ada", "report", reverse("report", args=[slug, week])
    yield "ada", "person", reverse("person", args=[world.rows["person"].pk])
    yield "ada", "join", reverse("join", args=[world.token])
    yield from (("ada", name, reverse(name)) for name in sorted(ABOVE))
    yield "ada", "404", "/p/demo-weeks/no-such-page/"
    yield "anna", "403", reverse("project-settings", args=[slug])
