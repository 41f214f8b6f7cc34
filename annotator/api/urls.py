"""Addresses of the API."""

from __future__ import annotations

from django.urls import path

from annotator.api import (
    auditions,
    backbones,
    batches,
    challenges,
    coach_studies,
    coaches,
    dataset_reports,
    drafts,
    exports,
    gains,
    hooks,
    inbox,
    model_studies,
    projects,
    pushes,
    quality,
    ratings,
    rewrites,
    rules,
    statistics,
    stats,
    threads,
    tokens,
    uploads,
    views,
    vigilance,
)
from annotator.services import (
    archiving,
    coach_studying,
    comparing_backbones,
    dataset_reporting,
    exporting,
    importing,
    rewriting,
    running_rules,
    studying,
)

urlpatterns = [
    path("inbox/", inbox.InboxView.as_view(), name="api-inbox"),
    path("token/", tokens.TokenDoor.as_view(), name="api-token"),
    path("projects/", views.ProjectList.as_view(), name="api-projects"),
    *(
        path(
            f"projects/<slug:slug>/{name}/",
            projects.ProjectStep.as_view(step=step),
            name=f"api-project-{name}",
        )
        for name, step in {
            "archive": archiving.archive,
            "bring-back": archiving.bring_back,
        }.items()
    ),
    path(
        "projects/<slug:slug>/copy/",
        projects.ProjectCopy.as_view(),
        name="api-project-copy",
    ),
    path(
        "projects/<slug:slug>/delete/",
        projects.ProjectDeletion.as_view(),
        name="api-project-delete",
    ),
    path(
        "projects/<slug:slug>/progress/",
        views.ProgressView.as_view(),
        name="api-progress",
    ),
    path("projects/<slug:slug>/stats/", stats.Stats.as_view(), name="api-stats"),
    path("projects/<slug:slug>/batches/", views.Import.as_view(), name="api-import"),
    path(
        "projects/<slug:slug>/uploads/",
        uploads.UploadList.as_view(),
        name="api-uploads",
    ),
    path(
        "projects/<slug:slug>/uploads/<uuid:pk>/",
        uploads.UploadPiece.as_view(),
        name="api-upload",
    ),
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
        "projects/<slug:slug>/batches/<int:pk>/mapping/",
        batches.BatchMapping.as_view(),
        name="api-batch-mapping",
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
    path(
        "projects/<slug:slug>/exports/",
        exports.ExportList.as_view(),
        name="api-exports",
    ),
    path(
        "projects/<slug:slug>/exports/count/",
        exports.ExportCount.as_view(),
        name="api-export-count",
    ),
    path(
        "projects/<slug:slug>/exports/<int:pk>/",
        exports.ExportStatus.as_view(),
        name="api-export-status",
    ),
    path(
        "projects/<slug:slug>/exports/<int:pk>/file/",
        exports.ExportedFile.as_view(),
        name="api-export-file",
    ),
    *(
        path(
            f"projects/<slug:slug>/exports/<int:pk>/{name}/",
            exports.ExportStep.as_view(step=step),
            name=f"api-export-{name}",
        )
        for name, step in {
            "cancel": exporting.cancel,
            "retry": exporting.retry,
        }.items()
    ),
    path(
        "projects/<slug:slug>/dataset-reports/",
        dataset_reports.DatasetReportList.as_view(),
        name="api-dataset-reports",
    ),
    path(
        "projects/<slug:slug>/dataset-reports/<int:pk>/",
        dataset_reports.DatasetReportStatus.as_view(),
        name="api-dataset-report",
    ),
    *(
        path(
            f"projects/<slug:slug>/dataset-reports/<int:pk>/{name}/",
            dataset_reports.DatasetReportStep.as_view(step=step),
            name=f"api-dataset-report-{name}",
        )
        for name, step in {
            "cancel": dataset_reporting.cancel,
            "retry": dataset_reporting.retry,
        }.items()
    ),
    path(
        "projects/<slug:slug>/coach-studies/",
        coach_studies.CoachStudyList.as_view(),
        name="api-coach-studies",
    ),
    path(
        "projects/<slug:slug>/coach-studies/<int:pk>/",
        coach_studies.CoachStudyStatus.as_view(),
        name="api-coach-study",
    ),
    *(
        path(
            f"projects/<slug:slug>/coach-studies/<int:pk>/{name}/",
            coach_studies.CoachStudyStep.as_view(step=step),
            name=f"api-coach-study-{name}",
        )
        for name, step in {
            "cancel": coach_studying.cancel,
            "resume": coach_studying.resume,
        }.items()
    ),
    path(
        "projects/<slug:slug>/model-studies/",
        model_studies.ModelStudyList.as_view(),
        name="api-model-studies",
    ),
    path(
        "projects/<slug:slug>/model-studies/<int:pk>/",
        model_studies.ModelStudyStatus.as_view(),
        name="api-model-study",
    ),
    *(
        path(
            f"projects/<slug:slug>/model-studies/<int:pk>/{name}/",
            model_studies.ModelStudyStep.as_view(step=step),
            name=f"api-model-study-{name}",
        )
        for name, step in {
            "cancel": studying.cancel,
            "resume": studying.resume,
        }.items()
    ),
    path(
        "projects/<slug:slug>/ratings/",
        ratings.RatingList.as_view(),
        name="api-ratings",
    ),
    path(
        "projects/<slug:slug>/ratings/<int:pk>/",
        ratings.RatingStatus.as_view(),
        name="api-rating",
    ),
    path(
        "projects/<slug:slug>/ratings/<int:pk>/end/",
        ratings.RatingEnd.as_view(),
        name="api-rating-end",
    ),
    path("projects/<slug:slug>/drafts/", drafts.Drafts.as_view(), name="api-drafts"),
    path("projects/<slug:slug>/export/", views.Export.as_view(), name="api-export"),
    path(
        "projects/<slug:slug>/export/manifest/",
        views.ExportManifest.as_view(),
        name="api-export-manifest",
    ),
    path("projects/<slug:slug>/rules/", rules.RuleList.as_view(), name="api-rules"),
    path(
        "projects/<slug:slug>/rules/proposals/",
        rules.Proposals.as_view(),
        name="api-rule-proposals",
    ),
    path(
        "projects/<slug:slug>/rules/runs/",
        rules.RuleRunList.as_view(),
        name="api-rule-runs",
    ),
    path(
        "projects/<slug:slug>/rules/runs/<int:pk>/",
        rules.RuleRunStatus.as_view(),
        name="api-rule-run",
    ),
    *(
        path(
            f"projects/<slug:slug>/rules/runs/<int:pk>/{name}/",
            rules.RuleRunStep.as_view(step=step),
            name=f"api-rule-run-{name}",
        )
        for name, step in {
            "cancel": running_rules.cancel,
            "resume": running_rules.resume,
            "undo": running_rules.undo,
        }.items()
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
        "projects/<slug:slug>/coaches/<int:pk>/adapter/",
        coaches.Adapter.as_view(),
        name="api-coach-adapter",
    ),
    path(
        "projects/<slug:slug>/coaches/<int:pk>/push/",
        pushes.PushList.as_view(),
        name="api-coach-push",
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
        "projects/<slug:slug>/auditions/",
        auditions.AuditionList.as_view(),
        name="api-auditions",
    ),
    path(
        "projects/<slug:slug>/auditions/<int:pk>/",
        auditions.AuditionStatus.as_view(),
        name="api-audition",
    ),
    path(
        "projects/<slug:slug>/auditions/<int:pk>/cancel/",
        auditions.AuditionCancel.as_view(),
        name="api-audition-cancel",
    ),
    path(
        "projects/<slug:slug>/backbones/",
        backbones.BackboneList.as_view(),
        name="api-backbones",
    ),
    path(
        "projects/<slug:slug>/backbones/<int:pk>/",
        backbones.BackboneStatus.as_view(),
        name="api-backbone",
    ),
    *(
        path(
            f"projects/<slug:slug>/backbones/<int:pk>/{name}/",
            backbones.BackboneStep.as_view(step=step),
            name=f"api-backbone-{name}",
        )
        for name, step in {
            "cancel": comparing_backbones.cancel,
            "resume": comparing_backbones.resume,
        }.items()
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
    path(
        "projects/<slug:slug>/pairs/<int:pk>/threads/",
        threads.ThreadList.as_view(),
        name="api-threads",
    ),
    *(
        path(
            f"projects/<slug:slug>/pairs/<int:pk>/threads/<int:thread>/{name}/",
            threads.ThreadStep.as_view(is_resolved=is_resolved),
            name=f"api-thread-{name}",
        )
        for name, is_resolved in {"resolve": True, "reopen": False}.items()
    ),
    *(
        path(f"projects/<slug:slug>/{place}/", view.as_view(), name=f"api-{name}")
        for name, place, view in [
            ("hook", "hook", hooks.HookView),
            ("hook-secret", "hook/secret", hooks.HookSecret),
            ("hook-test", "hook/test", hooks.HookTest),
            ("hook-calls", "hook/calls", hooks.HookCalls),
        ]
    ),
]
