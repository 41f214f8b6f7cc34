"""Every screen's address: what stands above a project, and the rooms below it."""

from __future__ import annotations

from django.urls import include, path, register_converter

from annotator.domain.weeks import InAddress
from annotator.web import undo
from annotator.web.people import invitations, listing, profile
from annotator.web.project import finding, first_admin, views

register_converter(InAddress, "week")

ROOMS = (
    "project",
    "batches",
    "rules",
    "pairs",
    "review",
    "quality",
    "coaches",
    "rewrites",
    "stats",
    "vigilance",
    "reports",
    "exports",
    "dataset_reports",
    "coach_studies",
    "model_studies",
    "ratings",
    "news",
)
_below_a_project = [path("", include(f"annotator.web.{room}.urls")) for room in ROOMS]
urlpatterns = [
    path("", views.home, name="home"),
    path("find/", finding.find, name="find"),
    path("me/", profile.me, name="me"),
    path("me/token/", profile.token, name="me-token"),
    path("me/sessions/", profile.sessions, name="me-sessions"),
    path("people/", listing.index, name="people"),
    path("people/<int:pk>/", listing.person, name="person"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("first/", first_admin.start, name="first-start"),
    path("first/<str:token>/", first_admin.make, name="first-admin"),
    path("p/new/", views.new, name="project-new"),
    path("inbox/", include("annotator.web.news.inbox_urls")),
    path("p/<slug:slug>/undo/<uuid:deed>/", undo.undo, name="undo"),
    path("p/<slug:slug>/", include(_below_a_project)),
]
