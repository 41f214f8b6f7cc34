from __future__ import annotations

from django.db import models


class SharedCacheRow(models.Model):
    """What all web processes remember together; Django's DatabaseCache writes it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
