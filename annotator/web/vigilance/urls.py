"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.vigilance import adjudication, views

urlpatterns = [
    path("pairs/<int:pk>/gold/", views.gold, name="pair-gold"),
    path("mine/", views.own, name="mine"),
    path("mine/reviews.csv", views.own_rows, name="mine-rows"),
    path("adjudication/", adjudication.index, name="adjudication"),
    path("adjudication/<int:pk>/", adjudication.show, name="adjudicate"),
    path("stats/agreement/", views.agreements, name="agreement"),
    path("stats/agreement/rows.csv", views.agreement_rows, name="agreement-rows"),
    path("stats/signs/", views.signs, name="signs"),
    path("stats/signs/rows.csv", views.signs_rows, name="signs-rows"),
]
