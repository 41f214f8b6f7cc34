"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.exports import views

urlpatterns = [
    path("export/", views.index, name="export"),
    path("export/count/", views.count, name="export-count"),
    path("export/<int:pk>/file/", views.file, name="export-file"),
    path("export/<int:pk>/manifest.json", views.manifest, name="export-manifest"),
    path("export/<int:pk>/cancel/", views.cancel, name="export-cancel"),
    path("export/<int:pk>/retry/", views.retry, name="export-retry"),
]
