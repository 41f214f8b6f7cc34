from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def spoken() -> str:
    """The language that is spoken just now: that of the person whose request it is."""
    return get_language() or settings.LANGUAGE_CODE
