"""Addresses of this room above all projects."""

from __future__ import annotations

from django.urls import path

from annotator.web.news import views

urlpatterns = [
    path("", views.index, name="inbox"),
    path("read/", views.read, name="inbox-read"),
    path("choices/", views.choices, name="inbox-choices"),
]
