"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.dataset_reports import views

urlpatterns = [
    path("dataset-reports/", views.index, name="dataset-reports"),
    path(
        "dataset-reports/coach/<int:pk>/", views.of_coach, name="dataset-report-coach"
    ),
    path("dataset-reports/<int:pk>/", views.show, name="dataset-report"),
    path(
        "dataset-reports/<int:pk>/report.json",
        views.as_json,
        name="dataset-report-json",
    ),
    path(
        "dataset-reports/<int:pk>/report.pdf", views.as_pdf, name="dataset-report-pdf"
    ),
    path(
        "dataset-reports/<int:pk>/cancel/", views.cancel, name="dataset-report-cancel"
    ),
    path("dataset-reports/<int:pk>/retry/", views.retry, name="dataset-report-retry"),
    path(
        "dataset-reports/<int:pk>/delete/", views.delete, name="dataset-report-delete"
    ),
]
