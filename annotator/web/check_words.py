"""A check's result, for the person whose it is."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotator.domain.mistakes import Kind
from annotator.domain.states import CheckKind
from annotator.models import Check

MISTAKES = {
    Kind.NUMBER: gettext_lazy("another number"),
    Kind.UNIT: gettext_lazy("another unit"),
    Kind.NEGATION: gettext_lazy("the opposite"),
    Kind.NAME: gettext_lazy("another name"),
    Kind.DROPPED: gettext_lazy("a sentence left out"),
    Kind.REPEATED: gettext_lazy("a sentence said twice"),
}


def told(check: Check | None) -> dict[str, object] | None:
    """The result of a check, for the person whose it is."""
    if check is None or check.review is None:
        return None
    is_planted = check.kind == CheckKind.PLANTED
    return {
        "pk": check.pk,
        "pair": check.pair_id,
        "is_planted": is_planted,
        "is_noticed": check.is_noticed,
        "outcome": check.get_outcome_display(),
        "mistake": MISTAKES[Kind(check.mistake)] if is_planted else "",
        "before": _short(check.before),
        "after": _short(check.after),
        "similarity": None if check.similarity is None else 100 * check.similarity,
        "similarity_shown": None
        if check.similarity_shown is None
        else 100 * check.similarity_shown,
        "seconds": check.review.active_seconds,
        "at": check.answered_at,
        "gold": check.source.text if not is_planted else None,
    }


SHORT = 300


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= SHORT else _("%s …") % text[:SHORT]
