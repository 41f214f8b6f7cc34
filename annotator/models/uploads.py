from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models

from annotator.models.locking import LockingQuerySet
from annotator.models.pairs import Batch
from annotator.models.projects import Project


class Upload(models.Model):
    """A file that comes in pieces; whole, it becomes a batch."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="uploads"
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    """Bytes of the whole file."""
    received = models.PositiveBigIntegerField(default=0)
    options = models.JSONField(default=dict)
    """How it is to be imported: what `receiving.receive` is told beside the file."""
    batch = models.ForeignKey(
        Batch, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """What it has become."""
    begun_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(auto_now=True)

    objects = LockingQuerySet["Upload"].as_manager()

    class Meta:
        indexes = [
            # Serves the sweeper: "of which nothing was heard".
            models.Index(fields=["heard_at"], name="upload_heard")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.received} of {self.size} bytes"
