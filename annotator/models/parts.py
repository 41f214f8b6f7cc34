from __future__ import annotations

from django.db import models


class Part(models.Model):
    """A process that the product needs beside the web, by its newest sign of life."""

    name = models.CharField(max_length=32, primary_key=True)
    """`beat`, or the queue of a worker."""
    heard_at = models.DateTimeField()
    memory = models.PositiveBigIntegerField(null=True)
    """Bytes that work there may take, if it told: a GPU's, else the machine's."""
    quantizes = models.BooleanField(null=True)
    """Whether a base model can be held in 4 bits there, if it told."""

    def __str__(self) -> str:
        return f"{self.name} at {self.heard_at:%H:%M:%S}"
