"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.stats import gain, views

urlpatterns = [
    path("stats/", views.stats, name="stats"),
    path("stats/gain/", gain.gain, name="gain"),
    path("stats/gain/cells.csv", gain.cells, name="gain-cells"),
    path("stats/<slug:key>.csv", views.table_csv, name="stats-csv"),
]
