"""Addresses of this room, below a project's."""

from __future__ import annotations

from django.urls import path

from annotator.web.project import (
    checklist,
    endings,
    guidelines,
    invitations,
    made_up,
    units,
    views,
)

urlpatterns = [
    path("", views.overview, name="project"),
    path("stopped/", views.what_stopped, name="stopped"),
    path("checklist/hide/", checklist.hide, name="checklist-hide"),
    path("made-up/remove/", made_up.remove, name="made-up-remove"),
    path("settings/", views.change, name="project-settings"),
    path("end/", endings.show, name="project-end"),
    path("end/archive/", endings.archive, name="project-archive"),
    path("end/bring-back/", endings.bring_back, name="project-bring-back"),
    path("end/copy/", endings.copy, name="project-copy"),
    path("end/delete/", endings.delete, name="project-delete"),
    path("members/", views.members, name="members"),
    path("members/invite/", invitations.invite, name="invite"),
    path("members/invite/revoke/", invitations.revoke, name="invite-revoke"),
    path("units/", units.index, name="units"),
    path("guidelines/", guidelines.show, name="guidelines"),
    path("guidelines/write/", guidelines.write, name="guidelines-write"),
]
