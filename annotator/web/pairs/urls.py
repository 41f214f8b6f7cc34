"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.pairs import threads, views

urlpatterns = [
    path("pairs/", views.index, name="pairs"),
    path("pairs/<int:pk>/", views.show, name="pair"),
    path("pairs/<int:pk>/comments/", threads.comment, name="pair-comment"),
    path("pairs/<int:pk>/threads/", threads.show, name="pair-threads"),
    path(
        "pairs/<int:pk>/comments/<int:comment>/resolve/",
        threads.resolve,
        name="pair-resolve",
    ),
    path("pairs/<int:pk>/unpark/", views.unpark, name="pair-unpark"),
]
