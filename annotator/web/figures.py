"""An evaluation's figures: their names, units and print."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotator.models import BackboneFigure
from training.models import EvaluationFigure


def printed(figure: EvaluationFigure | BackboneFigure, value: float | None) -> str:
    """A share as per cent with one decimal, all else with two or none."""
    if value is None:
        return "–"
    if figure.name in SHARES:
        return f"{100 * value:.1f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def unit_of(figure: EvaluationFigure | BackboneFigure) -> str:
    unit = str(UNITS.get(figure.unit, figure.unit))
    if figure.name not in SHARES:
        return unit
    return gettext("%% (%(unit)s)") % {"unit": unit}


FIGURES = {
    "effort saved": _("Effort saved"),
    "better on effort saved": _("Sure to save more effort"),
    "nearer than raw": _("Draft nearer than raw"),
    "edit distance ratio": _("Edit distance, coach to raw"),
    "edit distance": _("Edit distance to the person's text"),
    "chrF": _("chrF to the person's text"),
    "chrF of a pair": _("chrF to the person's text, mean of the pairs"),
    "ROUGE-L": _("ROUGE-L to the person's text"),
    "usable": _("Usable drafts"),
    "parseable": _("Parseable drafts"),
    "unchanged": _("Unchanged drafts"),
    "left alone": _("Good pairs left alone"),
    "loop": _("Drafts with a loop"),
    "repetition": _("Repeated word 4-grams"),
    "length ratio": _("Length, draft to person's text"),
    "held-out loss": _("Held-out loss"),
}


UNITS = {
    "0 to 100": _("0 to 100"),
    "characters": _("characters"),
    "coach / raw": _("coach / raw"),
    "confidence, one-sided": _("confidence, one-sided"),
    "nats a target token": _("nats a target token"),
    "of the expert's characters": _("of the person's characters"),
    "share of drafts": _("share of drafts"),
    "share of good pairs": _("share of good pairs"),
    "share of raw edit distance": _("share of raw edit distance"),
    "share of word 4-grams": _("share of word 4-grams"),
}
"""As evaluations have stored them."""


SHARES = {
    "parseable",
    "usable",
    "loop",
    "unchanged",
    "left alone",
    "nearer than raw",
    "effort saved",
    "repetition",
    "better on effort saved",
}


HIGHER_IS_BETTER = {
    "parseable": True,
    "usable": True,
    "left alone": True,
    "loop": False,
    "repetition": False,
    "chrF": True,
    "chrF of a pair": True,
    "ROUGE-L": True,
    "edit distance": False,
    "edit distance ratio": False,
    "nearer than raw": True,
    "effort saved": True,
    "held-out loss": False,
}
