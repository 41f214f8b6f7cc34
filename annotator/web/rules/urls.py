"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.rules import views

urlpatterns = [
    path("rules/", views.index, name="rules"),
    path("rules/trial/", views.trial, name="rules-trial"),
    path("rules/log/", views.log, name="rules-log"),
    path("rules/start/", views.start, name="rules-start"),
    path("rules/proposals/", views.proposals, name="rules-proposals"),
    path("rules/runs/<int:pk>/", views.show, name="rules-run"),
    path("rules/runs/<int:pk>/cancel/", views.cancel, name="rules-cancel"),
    path("rules/runs/<int:pk>/resume/", views.resume, name="rules-resume"),
    path("rules/runs/<int:pk>/undo/", views.undo, name="rules-undo"),
    path("rules/of/<slug:key>/", views.rule, name="rule"),
    path("rules/of/<slug:key>/move/", views.move, name="rule-move"),
    path("rules/of/<slug:key>/switch/", views.switch, name="rule-switch"),
    path("pairs/<int:pk>/put-back/", views.put_back, name="pair-put-back"),
]
