"""Blind ratings in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.domain.blind_ratings import Mode
from annotator.web.labels import ARMS_OF_MODELS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

MODES: dict[Mode, StrPromise] = {
    Mode.COMPARE: _("Side by side: which is better?"),
    Mode.RATE: _("One by one: 0 to 100 by the rubric"),
}
SHORT_MODES: dict[str, StrPromise] = {
    Mode.COMPARE: _("compared side by side"),
    Mode.RATE: _("rated from 0 to 100"),
}


def arm(name: str) -> str:
    """An arm of a study, or a side of a report, as people call it."""
    return str(ARMS_OF_MODELS.get(name, name))
