"""Signs of life of the processes beside the web."""

from __future__ import annotations

from django.utils import timezone

from annotator.models import Part


def hear(name: str) -> None:
    """Write down that a part of the product has just said that it lives."""
    Part.objects.update_or_create(name=name, defaults={"heard_at": timezone.now()})
