"""Every screen's address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from annotator.domain.weeks import InAddress
from annotator.web.views import (
    batches,
    candidates,
    challenges,
    coaches,
    drift,
    guidelines,
    pairs,
    projects,
    quality,
    reports,
    results,
    review,
    rewrites,
    runs,
)

register_converter(InAddress, "week")

_review = [
    path("", review.desk, name="review"),
    path("<uuid:token>/submit/", review.submit, name="review-submit"),
    path("<uuid:token>/autosave/", review.autosave, name="review-autosave"),
    path("<uuid:token>/exclude/", review.exclude, name="review-exclude"),
    path("<uuid:token>/give-back/", review.give_back, name="review-give-back"),
    path("<uuid:token>/tick/", review.tick, name="review-tick"),
    path("<uuid:token>/skip/", review.skip, name="review-skip"),
    path("<uuid:token>/undo/", review.undo, name="review-undo"),
    path("<uuid:token>/compare/", review.compare, name="review-compare"),
    path("<uuid:token>/take-over/", review.take_over, name="review-take-over"),
    path("<uuid:token>/candidates/", candidates.index, name="review-candidates"),
    path(
        "<uuid:token>/candidates/<int:pk>/choose/",
        candidates.choose,
        name="review-candidate-choose",
    ),
    path("again/<int:pk>/", review.claim_again, name="review-claim-again"),
    path("preview/", review.preview, name="review-preview"),
]
_quality = [
    path("", quality.desk, name="quality"),
    path("<uuid:token>/judge/", quality.judge, name="quality-judge"),
    path("<uuid:token>/give-back/", quality.give_back, name="quality-give-back"),
    path("<uuid:token>/tick/", review.tick, name="quality-tick"),
]
_project: list[URLPattern | URLResolver] = [
    path("", projects.overview, name="project"),
    path("settings/", projects.change, name="project-settings"),
    path("members/", projects.members, name="members"),
    path("batches/", batches.index, name="batches"),
    path("batches/<int:pk>/", batches.show, name="batch"),
    path("batches/<int:pk>/rejects.csv", batches.rejects, name="batch-rejects"),
    path("pairs/", pairs.index, name="pairs"),
    path("pairs/<int:pk>/", pairs.show, name="pair"),
    path("pairs/<int:pk>/comments/", pairs.comment, name="pair-comment"),
    path("pairs/<int:pk>/unpark/", pairs.unpark, name="pair-unpark"),
    path("guidelines/", guidelines.show, name="guidelines"),
    path("guidelines/write/", guidelines.write, name="guidelines-write"),
    path("pairs/<int:pk>/overrule/", batches.overrule, name="pair-overrule"),
    path("review/", include(_review)),
    path("quality/", include(_quality)),
    path("coaches/", coaches.index, name="coaches"),
    path("coaches/<int:pk>/", coaches.show, name="coach"),
    path("coaches/<int:pk>/rows.csv", coaches.rows, name="coach-rows"),
    path("coaches/<int:pk>/promote/", coaches.promote, name="coach-promote"),
    path("coaches/roll-back/", coaches.roll_back, name="coach-roll-back"),
    path("challenges/new/", challenges.start, name="challenge-start"),
    path("challenges/<int:pk>/end/", challenges.end, name="challenge-end"),
    path("challenges/<int:pk>/rows.csv", challenges.rows, name="challenge-rows"),
    path("coaches/schedule/", coaches.pause, name="schedule-pause"),
    path("runs/prepare/", runs.prepare, name="run-prepare"),
    path("runs/new/", runs.new, name="run-new"),
    path("runs/compare/", runs.compare, name="runs-compare"),
    path("runs/<int:pk>/", runs.show, name="run"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="run-cancel"),
    path("runs/<int:pk>/resume/", runs.resume, name="run-resume"),
    path("rewrites/", rewrites.index, name="rewrites"),
    path("rewrites/<int:pk>/", rewrites.show, name="rewrite"),
    path("rewrites/<int:pk>/pause/", rewrites.pause, name="rewrite-pause"),
    path("rewrites/<int:pk>/resume/", rewrites.resume, name="rewrite-resume"),
    path("rewrites/<int:pk>/cancel/", rewrites.cancel, name="rewrite-cancel"),
    path("rewrites/<int:pk>/export/", rewrites.export, name="rewrite-export"),
    path("stats/", results.stats, name="stats"),
    path("stats/drift/", drift.show, name="drift"),
    path("stats/drift/rows.csv", drift.rows, name="drift-rows"),
    path("stats/drift/reference/", drift.choose, name="drift-reference"),
    path("stats/drift/alarms/", drift.acknowledge, name="drift-acknowledge"),
    path("reports/", reports.index, name="reports"),
    path("reports/<week:week>/", reports.show, name="report"),
    path("reports/<week:week>.pdf", reports.as_pdf, name="report-pdf"),
    path("reports/<week:week>/rows.csv", reports.rows, name="report-rows"),
    path("export/", results.export, name="export"),
    path("export/pairs.jsonl", results.export_file, name="export-file"),
    path("export/manifest.json", results.export_manifest, name="export-manifest"),
]
urlpatterns = [
    path("", projects.home, name="home"),
    path("p/new/", projects.new, name="project-new"),
    path("p/<slug:slug>/", include(_project)),
]
