from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.models.projects import Project


class Guideline(models.Model):
    """One version of a project's guidelines, in Markdown; never changed."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="guidelines"
    )
    version = models.PositiveIntegerField()
    body = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "version"], name="one_guideline_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"guidelines v{self.version}"
