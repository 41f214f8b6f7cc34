"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.rewrites import views

urlpatterns = [
    path("rewrites/", views.index, name="rewrites"),
    path("rewrites/<int:pk>/", views.show, name="rewrite"),
    path("rewrites/<int:pk>/pause/", views.pause, name="rewrite-pause"),
    path("rewrites/<int:pk>/resume/", views.resume, name="rewrite-resume"),
    path("rewrites/<int:pk>/cancel/", views.cancel, name="rewrite-cancel"),
    path("rewrites/<int:pk>/export/", views.export, name="rewrite-export"),
]
