"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.pairs import views

urlpatterns = [
    path("pairs/", views.index, name="pairs"),
    path("pairs/<int:pk>/", views.show, name="pair"),
    path("pairs/<int:pk>/comments/", views.comment, name="pair-comment"),
    path("pairs/<int:pk>/unpark/", views.unpark, name="pair-unpark"),
]
