"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.reports import views

urlpatterns = [
    path("reports/", views.index, name="reports"),
    path("reports/<week:week>/", views.show, name="report"),
    path("reports/<week:week>.pdf", views.as_pdf, name="report-pdf"),
    path("reports/<week:week>/rows.csv", views.rows, name="report-rows"),
]
