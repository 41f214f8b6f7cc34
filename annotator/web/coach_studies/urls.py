"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.coach_studies import views

urlpatterns = [
    path("coach-studies/", views.index, name="coach-studies"),
    path("coach-studies/<int:pk>/", views.show, name="coach-study"),
    path("coach-studies/<int:pk>/study.json", views.as_json, name="coach-study-json"),
    path("coach-studies/<int:pk>/study.csv", views.as_table, name="coach-study-csv"),
    path("coach-studies/<int:pk>/study.pdf", views.as_pdf, name="coach-study-pdf"),
    path("coach-studies/<int:pk>/cancel/", views.cancel, name="coach-study-cancel"),
    path("coach-studies/<int:pk>/resume/", views.resume, name="coach-study-resume"),
    path("coach-studies/<int:pk>/delete/", views.delete, name="coach-study-delete"),
]
