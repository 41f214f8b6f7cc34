"""Which parts of the product have fallen silent: read by pages, so kept for seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import caches
from django.utils import timezone

from annotator.models import Part

SILENT_AFTER = timedelta(seconds=35)
"""Three signs of life, which come every ten seconds."""
KEPT_SECONDS = 3
NAMES = ("app", "engine", "interactive", "training", "beat")


@dataclass(frozen=True, slots=True)
class SilentPart:
    name: str
    since: datetime | None
    """Its last sign of life; None if it has never given one."""


def memory_of(name: str) -> int | None:
    """Bytes that work of a part may take; None where it has not told."""
    return Part.objects.filter(name=name).values_list("memory", flat=True).first()


def quantizes(name: str) -> bool | None:
    """Whether a base model can be held in 4 bits there; None where it has not told."""
    return Part.objects.filter(name=name).values_list("quantizes", flat=True).first()


def silent() -> Sequence[SilentPart]:
    """The parts that are not heard; none where no part has ever been heard.

    All signs come through the worker of the queue `app`: without it nothing is known
    of the others, and it alone is named.
    """
    found: list[SilentPart] | None = caches["process"].get("silent-parts")
    if found is None:
        found = _silent()
        caches["process"].set("silent-parts", found, KEPT_SECONDS)
    return found


def _silent() -> list[SilentPart]:
    heard = dict(Part.objects.values_list("name", "heard_at"))
    if not heard:
        return []
    limit = timezone.now() - SILENT_AFTER
    gone = [
        SilentPart(name, heard.get(name))
        for name in NAMES
        if name not in heard or heard[name] < limit
    ]
    return [each for each in gone if each.name == "app"] or gone
