"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.coaches import (
    auditions,
    backbones,
    challenges,
    drift,
    incoming,
    quiet,
    runs,
    views,
)

urlpatterns = [
    path("coaches/", views.index, name="coaches"),
    path("coaches/<int:pk>/", views.show, name="coach"),
    path("coaches/<int:pk>/rows.csv", views.rows, name="coach-rows"),
    path("coaches/<int:pk>/adapter.zip", views.adapter, name="coach-adapter"),
    path("coaches/<int:pk>/push/", views.push, name="coach-push"),
    path("coaches/<int:pk>/quiet/", quiet.show, name="coach-quiet"),
    path("coaches/<int:pk>/quiet/use/", quiet.use, name="coach-quiet-use"),
    path("coaches/<int:pk>/quiet/rows.csv", quiet.rows, name="coach-quiet-rows"),
    path("coaches/<int:pk>/promote/", views.promote, name="coach-promote"),
    path("coaches/upload/", incoming.index, name="coach-upload"),
    path("coaches/roll-back/", views.roll_back, name="coach-roll-back"),
    path("auditions/", auditions.index, name="auditions"),
    path("auditions/<int:pk>/", auditions.show, name="audition"),
    path("auditions/<int:pk>/cancel/", auditions.cancel, name="audition-cancel"),
    path("backbones/", backbones.index, name="backbones"),
    path("backbones/<int:pk>/", backbones.show, name="backbone"),
    path("backbones/<int:pk>/cancel/", backbones.cancel, name="backbone-cancel"),
    path("backbones/<int:pk>/resume/", backbones.resume, name="backbone-resume"),
    path("challenges/new/", challenges.start, name="challenge-start"),
    path("challenges/<int:pk>/end/", challenges.end, name="challenge-end"),
    path("challenges/<int:pk>/rows.csv", challenges.rows, name="challenge-rows"),
    path("coaches/schedule/", views.pause, name="schedule-pause"),
    path("runs/prepare/", runs.prepare, name="run-prepare"),
    path("runs/new/", runs.new, name="run-new"),
    path("runs/compare/", runs.compare, name="runs-compare"),
    path("runs/<int:pk>/", runs.show, name="run"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="run-cancel"),
    path("runs/<int:pk>/resume/", runs.resume, name="run-resume"),
    path("stats/drift/", drift.show, name="drift"),
    path("stats/drift/rows.csv", drift.rows, name="drift-rows"),
    path("stats/drift/reference/", drift.choose, name="drift-reference"),
    path("stats/drift/alarms/", drift.acknowledge, name="drift-acknowledge"),
]
