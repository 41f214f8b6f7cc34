"""Every screen's address: what stands above a project, and the rooms below it."""

from __future__ import annotations

from django.urls import include, path, register_converter

from annotator.domain.weeks import InAddress
from annotator.web import undo
from annotator.web.project import views

register_converter(InAddress, "week")

ROOMS = (
    "project",
    "batches",
    "pairs",
    "review",
    "quality",
    "coaches",
    "rewrites",
    "stats",
    "vigilance",
    "reports",
)
_below_a_project = [path("", include(f"annotator.web.{room}.urls")) for room in ROOMS]
urlpatterns = [
    path("", views.home, name="home"),
    path("p/new/", views.new, name="project-new"),
    path("p/<slug:slug>/undo/<uuid:deed>/", undo.undo, name="undo"),
    path("p/<slug:slug>/", include(_below_a_project)),
]
