"""What the members page says of somebody who has left, or may do less now."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import ngettext

from annotator.services.leaving import Left
from annotator.web.punctuation import listed

MOST_NAMED = 5


def told(left: Left) -> str:
    """What became of their work under way; empty if there was none."""
    return " ".join(filter(None, (_freed(left.freed), _typed(left.typed))))


def _freed(pairs: Collection[int]) -> str:
    if not pairs:
        return ""
    return ngettext(
        "Pair %(pairs)s, which they held or were to get, waits for others.",
        "%(count)d pairs that they held or were to get wait for others: %(pairs)s.",
        len(pairs),
    ) % {"count": len(pairs), "pairs": _named(pairs)}


def _typed(pairs: Collection[int]) -> str:
    if not pairs:
        return ""
    return ngettext(
        "What they had typed and not submitted stands in the history of pair "
        "%(pairs)s.",
        "What they had typed and not submitted stands in the histories of %(count)d "
        "pairs: %(pairs)s.",
        len(pairs),
    ) % {"count": len(pairs), "pairs": _named(pairs)}


def _named(pairs: Collection[int]) -> str:
    numbers = [str(pair) for pair in pairs]
    more = ["…"] if len(numbers) > MOST_NAMED else []
    return listed(numbers[:MOST_NAMED] + more)
