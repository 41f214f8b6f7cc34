"""Signs of life of the processes beside the web."""

from __future__ import annotations

from django.utils import timezone

from annotator.models import Part


def hear(name: str, memory: int | None = None) -> None:
    """Write down that a part of the product has just said that it lives, and where it
    told, the bytes of memory that it has."""
    told = {"heard_at": timezone.now(), "memory": memory}
    Part.objects.update_or_create(name=name, defaults=told)
