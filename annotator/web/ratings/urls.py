"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.ratings import desk, orders

urlpatterns = [
    path(
        "dataset-reports/<int:pk>/raters/",
        orders.of_report,
        name="dataset-report-raters",
    ),
    path("model-studies/<int:pk>/raters/", orders.of_study, name="model-study-raters"),
    path("ratings/", orders.index, name="ratings"),
    path("ratings/<int:pk>/", desk.show, name="rating"),
    path("ratings/<int:pk>/<uuid:token>/answer/", desk.answer, name="rating-answer"),
    path("ratings/<int:pk>/undo/<uuid:deed>/", desk.undo, name="rating-undo"),
    path("ratings/<int:pk>/end/", orders.end, name="rating-end"),
    path("ratings/<int:pk>/delete/", orders.delete, name="rating-delete"),
]
