"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.project import guidelines, units, views

urlpatterns = [
    path("", views.overview, name="project"),
    path("stopped/", views.what_stopped, name="stopped"),
    path("settings/", views.change, name="project-settings"),
    path("members/", views.members, name="members"),
    path("units/", units.index, name="units"),
    path("guidelines/", guidelines.show, name="guidelines"),
    path("guidelines/write/", guidelines.write, name="guidelines-write"),
]
