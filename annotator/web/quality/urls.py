"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.quality import bulk, people, views

urlpatterns = [
    path("review/feedback/", people.feedback, name="review-feedback"),
    path("quality/", views.desk, name="quality"),
    path("quality/<uuid:token>/judge/", views.judge, name="quality-judge"),
    path("quality/<uuid:token>/give-back/", views.give_back, name="quality-give-back"),
    path("quality/<uuid:token>/take-over/", views.take_over, name="quality-take-over"),
    path("quality/people/", people.people, name="quality-people"),
    path("quality/bulk/", bulk.index, name="quality-bulk"),
]
