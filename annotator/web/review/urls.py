"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.review import candidates, prefetches, views

urlpatterns = [
    path("review/", views.desk, name="review"),
    path("review/<uuid:token>/submit/", views.submit, name="review-submit"),
    path("review/<uuid:token>/autosave/", views.autosave, name="review-autosave"),
    path("review/<uuid:token>/exclude/", views.exclude, name="review-exclude"),
    path("review/<uuid:token>/give-back/", views.give_back, name="review-give-back"),
    path("review/<uuid:token>/tick/", views.tick, name="review-tick"),
    path("review/<uuid:token>/skip/", views.skip, name="review-skip"),
    path("review/<uuid:token>/compare/", views.compare, name="review-compare"),
    path("review/<uuid:token>/take-over/", views.take_over, name="review-take-over"),
    path("review/<uuid:token>/candidates/", candidates.index, name="review-candidates"),
    path(
        "review/<uuid:token>/held-back/",
        candidates.show_held_back,
        name="review-held-back",
    ),
    path("review/<uuid:token>/choose/", candidates.choose, name="review-choose"),
    path("review/without-drafts/", views.without_drafts, name="review-without-drafts"),
    path("review/ahead/", prefetches.reserve, name="review-ahead"),
    path(
        "review/ahead/<uuid:kept>/give-back/",
        prefetches.give_back,
        name="review-ahead-give-back",
    ),
    path("review/again/<int:pk>/", views.claim_again, name="review-claim-again"),
    path("review/preview/", views.preview, name="review-preview"),
    path("quality/<uuid:token>/tick/", views.tick, name="quality-tick"),
]
