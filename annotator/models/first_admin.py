from __future__ import annotations

from django.db import models


class FirstAdminToken(models.Model):
    """Lets whoever holds it make the first account; gone as soon as there is one."""

    digest = models.CharField(max_length=64)
    """SHA-256 of the token in hex: the token itself is only ever printed."""
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"made at {self.made_at:%Y-%m-%d %H:%M}"
