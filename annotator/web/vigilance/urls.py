"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.vigilance import adjudication, own_reviews, views

urlpatterns = [
    path("pairs/<int:pk>/gold/", views.gold, name="pair-gold"),
    path("mine/", views.own, name="mine"),
    path("mine/reviews/", own_reviews.index, name="mine-reviews"),
    path("mine/reviews/<int:pk>/again/", own_reviews.take_up, name="mine-take-up"),
    path("mine/reviews.csv", views.own_rows, name="mine-rows"),
    path("adjudication/", adjudication.index, name="adjudication"),
    path("adjudication/<int:pk>/", adjudication.show, name="adjudicate"),
    path("stats/agreement/", views.agreements, name="agreement"),
    path("stats/agreement/rows.csv", views.agreement_rows, name="agreement-rows"),
    path("stats/signs/", views.signs, name="signs"),
    path("stats/signs/rows.csv", views.signs_rows, name="signs-rows"),
]
