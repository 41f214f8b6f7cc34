"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.model_studies import views

urlpatterns = [
    path("model-studies/", views.index, name="model-studies"),
    path("model-studies/estimate/", views.estimate, name="model-study-estimate"),
    path("model-studies/<int:pk>/", views.show, name="model-study"),
    path("model-studies/<int:pk>/study.json", views.as_json, name="model-study-json"),
    path("model-studies/<int:pk>/study.pdf", views.as_pdf, name="model-study-pdf"),
    path("model-studies/<int:pk>/cancel/", views.cancel, name="model-study-cancel"),
    path("model-studies/<int:pk>/resume/", views.resume, name="model-study-resume"),
    path("model-studies/<int:pk>/delete/", views.delete, name="model-study-delete"),
]
