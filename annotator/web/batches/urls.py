"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.batches import mapping, views

urlpatterns = [
    path("batches/", views.index, name="batches"),
    path("batches/<int:pk>/", views.show, name="batch"),
    path("batches/<int:pk>/cancel/", views.cancel, name="batch-cancel"),
    path("batches/<int:pk>/mapping/", mapping.show, name="batch-mapping"),
    path(
        "batches/<int:pk>/mapping/preview/",
        mapping.preview,
        name="batch-mapping-preview",
    ),
    path("batches/<int:pk>/retry/", views.retry, name="batch-retry"),
    path("batches/<int:pk>/take-out/", views.take_out, name="batch-take-out"),
    path("batches/<int:pk>/rejects.csv", views.rejects, name="batch-rejects"),
    path(
        "batches/<int:pk>/rejects.jsonl",
        views.rejects_as_json,
        name="batch-rejects-json",
    ),
    path("batches/<int:pk>/revisions/", views.revisions, name="batch-revisions"),
    path("pairs/<int:pk>/overrule/", views.overrule, name="pair-overrule"),
]
