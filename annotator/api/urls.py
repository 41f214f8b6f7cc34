"""Addresses of the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.parsers import FormParser, MultiPartParser

from annotator.api import (
    batches,
    challenges,
    coaches,
    gains,
    quality,
    rewrites,
    statistics,
    stats,
    views,
    vigilance,
)
from annotator.api.parsers import JsonBody
from annotator.services import importing, rewriting

urlpatterns = [
    path(
        "token/",
        ObtainAuthToken.as_view(parser_classes=(JsonBody, FormParser, MultiPartParser)),
        name="api-token",
    ),
    path("projects/", views.ProjectList.as_view(), name="api-projects"),
    path(
        "projects/<slug:slug>/progress/",
        views.ProgressView.as_view(),
        name="api-progress",
    ),
    path("projects/<slug:slug>/stats/", stats.Stats.as_view(), name="api-stats"),
    path("projects/<slug:slug>/batches/", views.Import.as_view(), name="api-import"),
    path(
        "projects/<slug:slug>/batches/<int:pk>/",
        batches.BatchStatus.as_view(),
        name="api-batch",
    ),
    *(
        path(
            f"projects/<slug:slug>/batches/<int:pk>/{name}/",
            batches.BatchStep.as_view(step=step),
            name=f"api-batch-{name}",
        )
        for name, step in {
            "cancel": importing.cancel,
            "retry": importing.retry,
        }.items()
    ),
    path(
        "projects/<slug:slug>/batches/<int:pk>/take-out/",
        batches.BatchOut.as_view(),
        name="api-batch-out",
    ),
    path(
        "projects/<slug:slug>/batches/<int:pk>/revisions/",
        batches.Revisions.as_view(),
        name="api-revisions",
    ),
    path("projects/<slug:slug>/export/", views.Export.as_view(), name="api-export"),
    path(
        "projects/<slug:slug>/export/manifest/",
        views.ExportManifest.as_view(),
        name="api-export-manifest",
    ),
    path(
        "projects/<slug:slug>/rewrites/",
        rewrites.RewriteList.as_view(),
        name="api-rewrites",
    ),
    path(
        "projects/<slug:slug>/rewrites/<int:pk>/",
        rewrites.RewriteStatus.as_view(),
        name="api-rewrite",
    ),
    *(
        path(
            f"projects/<slug:slug>/rewrites/<int:pk>/{name}/",
            rewrites.RewriteStep.as_view(step=step),
            name=f"api-rewrite-{name}",
        )
        for name, step in {
            "pause": rewriting.pause,
            "resume": rewriting.resume,
            "cancel": rewriting.cancel,
        }.items()
    ),
    path(
        "projects/<slug:slug>/rewrites/<int:pk>/export/",
        rewrites.RewriteExport.as_view(),
        name="api-rewrite-export",
    ),
    path("projects/<slug:slug>/runs/", coaches.RunList.as_view(), name="api-runs"),
    path(
        "projects/<slug:slug>/runs/preview/",
        coaches.RunPreview.as_view(),
        name="api-run-preview",
    ),
    path(
        "projects/<slug:slug>/runs/<int:pk>/", coaches.RunView.as_view(), name="api-run"
    ),
    path(
        "projects/<slug:slug>/runs/<int:pk>/cancel/",
        coaches.RunCancel.as_view(),
        name="api-run-cancel",
    ),
    path(
        "projects/<slug:slug>/runs/<int:pk>/resume/",
        coaches.RunResume.as_view(),
        name="api-run-resume",
    ),
    path(
        "projects/<slug:slug>/coaches/",
        coaches.CoachList.as_view(),
        name="api-coaches",
    ),
    path(
        "projects/<slug:slug>/coaches/<int:pk>/",
        coaches.Coach.as_view(),
        name="api-coach",
    ),
    path(
        "projects/<slug:slug>/coaches/<int:pk>/promote/",
        coaches.Promote.as_view(),
        name="api-coach-promote",
    ),
    path(
        "projects/<slug:slug>/coaches/roll-back/",
        coaches.RollBack.as_view(),
        name="api-coach-roll-back",
    ),
    path(
        "projects/<slug:slug>/schedule/",
        coaches.ScheduleView.as_view(),
        name="api-schedule",
    ),
    path(
        "projects/<slug:slug>/challenges/",
        challenges.ChallengeList.as_view(),
        name="api-challenges",
    ),
    path(
        "projects/<slug:slug>/challenges/<int:pk>/",
        challenges.ChallengeStatus.as_view(),
        name="api-challenge",
    ),
    path(
        "projects/<slug:slug>/challenges/<int:pk>/end/",
        challenges.ChallengeEnd.as_view(),
        name="api-challenge-end",
    ),
    path(
        "projects/<slug:slug>/quality/people/",
        quality.People.as_view(),
        name="api-quality-people",
    ),
    path(
        "projects/<slug:slug>/quality/bulk/",
        quality.Bulk.as_view(),
        name="api-quality-bulk",
    ),
    path("projects/<slug:slug>/units/", quality.Units.as_view(), name="api-units"),
    path("projects/<slug:slug>/stats/gain/", gains.GainView.as_view(), name="api-gain"),
    *(
        path(f"projects/<slug:slug>/{name}/", view.as_view(), name=f"api-{name}")
        for name, view in {
            "agreement": vigilance.AgreementView,
            "signs": vigilance.SignsView,
            "mine": vigilance.MineView,
        }.items()
    ),
    path(
        "projects/<slug:slug>/today/", statistics.TodayView.as_view(), name="api-today"
    ),
    path(
        "projects/<slug:slug>/stats/drift/",
        statistics.DriftView.as_view(),
        name="api-drift",
    ),
    path(
        "projects/<slug:slug>/stats/drift/alarms/<int:pk>/",
        statistics.DriftAcknowledge.as_view(),
        name="api-drift-acknowledge",
    ),
    path(
        "projects/<slug:slug>/stats/drift/reference/",
        statistics.DriftReferenceView.as_view(),
        name="api-drift-reference",
    ),
    path(
        "projects/<slug:slug>/reports/",
        statistics.ReportList.as_view(),
        name="api-reports",
    ),
    path(
        "projects/<slug:slug>/reports/<str:week>/",
        statistics.ReportView.as_view(),
        name="api-report",
    ),
]
