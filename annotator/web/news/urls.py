"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.news import hook

urlpatterns = [
    path("hook/", hook.show, name="project-hook"),
    path("hook/secret/", hook.renew, name="project-hook-secret"),
    path("hook/test/", hook.test, name="project-hook-test"),
    path("hook/delete/", hook.remove, name="project-hook-delete"),
]
