"""Quality control's answers in people's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.domain.diffs import FieldDiff
from annotator.models import Verdict
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import returns
from annotator.selectors.returns import Returned


def title(row: object) -> str:
    """How a review came to be accepted."""
    if isinstance(row, Verdict) and row.kind != Verdict.Kind.JUDGED:
        return row.get_kind_display()
    if isinstance(row, Verdict) and row.is_own:
        return _("accepted their own review")
    if getattr(row, "fix", None):
        return _("mended the review and accepted it")
    return _("accepted the review")


def reasons(verdict: Verdict) -> list[str]:
    """Why a review was sent back, the main reason first."""
    return [str(Verdict.Reason(each).label) for each in returns.reasons(verdict)]


def details(verdict: Verdict) -> list[str]:
    """Reasons behind the main one, and how much the reviewer changed."""
    words = reasons(verdict)[1:]
    if fix := getattr(verdict, "fix", None):
        n = fix.distance
        told = ngettext("%(n)d character changed", "%(n)d characters changed", n)
        words.append(told % {"n": n})
    return words


def printed(returned: Returned | None) -> dict[str, Any] | None:
    """What review/_returned.html asks for."""
    if returned is None:
        return None
    return {
        "verdict": returned.verdict,
        "reasons": [str(Verdict.Reason(each).label) for each in returned.reasons],
        "remarks": diffs(returned.remarks),
    }


def diffs(found: Sequence[FieldDiff]) -> list[dict[str, object]]:
    """Differences of fields with the fields' labels."""
    return [{"label": FIELD_LABELS[each.name], "hunks": each.hunks} for each in found]
