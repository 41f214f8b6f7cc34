"""Sentences of the pure floors, in the language of whoever reads them.

All three packages have one voice, which the engine's floor keeps.
"""

from __future__ import annotations

from revision_engine.saying import gettext, gettext_noop, speak_by

__all__ = ["field", "gettext", "gettext_noop", "speak_by", "whole"]


def field(name: str) -> str:
    """The word for a field of a pair, in the midst of a sentence."""
    return gettext(name.capitalize()).lower()


def whole(fault: object) -> str:
    """What is wrong, as a sentence with an end."""
    said = str(fault).rstrip(".。")
    return gettext("%(fault)s.") % {"fault": said}
