from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from annotator.models.pairs import Pair
from annotator.models.projects import Project


class Prefetch(models.Model):
    """A pair that lies in the browser of the person who is about to ask for it.

    It is nobody's work yet: no hold, no time, no step of the pair. Others are offered
    it last, and who takes it ends the row.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Of the hold that it becomes."""
    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="prefetch")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    tab = models.UUIDField()
    """The browser tab that it lies in: another one cannot give it back."""
    until = models.DateTimeField(db_index=True)
    """Kept from others till then; work on the pair in hand moves it on."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "project"], name="one_prefetch_a_person_a_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pair_id} lies ready for {self.person_id}"
