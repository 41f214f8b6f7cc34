from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.projects import Project, User


class Unit(models.Model):
    """A group of a project's people; its owner sees to the quality of their work.

    Who belongs to it stands in `Membership.unit`.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="units_owned"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="a_unit_name_once_a_project"
            )
        ]

    def __str__(self) -> str:
        return self.name
