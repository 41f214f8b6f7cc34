"""The signs between words that a page puts together, as the reader's language has them.

Where a sentence is translated whole, its signs stand in the translation.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.template import Library
from django.utils.translation import pgettext

register = Library()
"""For templates: `{% load punctuation %}`."""


@register.simple_tag
def comma() -> str:
    """Before what says more of the same."""
    return pgettext("between parts of a line", ", ")


@register.simple_tag
def colon() -> str:
    """Between a label and what it is of."""
    return pgettext("after a label", ": ")


@register.simple_tag
def semicolon() -> str:
    """Between parts that may hold commas."""
    return pgettext("between parts of a line", "; ")


@register.simple_tag
def stop() -> str:
    """At the end of a line that was put together."""
    return pgettext("at the end of a line", ".")


@register.filter
def listed(members: Iterable[object]) -> str:
    """Words of one kind in a line."""
    return pgettext("between members of a list", ", ").join(map(str, members))


@register.filter
def parted(members: Iterable[object]) -> str:
    """Phrases in a line, any of which may hold commas."""
    return semicolon().join(map(str, members))
