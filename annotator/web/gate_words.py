"""What the gate said of a new coach, in people's words: one number, every guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotator.web import figures
from annotator.web.figures import printed
from annotator.web.numbers import PrintedInterval
from annotator.web.punctuation import listed
from training.evaluation.gate import Code
from training.evaluation.rule import Better
from training.models import Evaluation, EvaluationFigure, Promotion

GATE = {
    Code.BETTER: gettext_lazy("It saves more effort: {seen}."),
    Code.WORSE: gettext_lazy("It saves less effort: {seen}."),
    Code.NOT_SURE: gettext_lazy("It is not sure to save more effort: {seen}."),
    Code.GAIN_TOO_SMALL: gettext_lazy("It saves less than the gate asks for: {seen}."),
    Code.GUARD_KEPT: gettext_lazy("Not worse on “{figure}”: {seen}."),
    Code.GUARD_IN_DOUBT: gettext_lazy("Perhaps worse on “{figure}”: {seen}."),
    Code.GUARD_BROKEN: gettext_lazy("Worse on “{figure}”: {seen}."),
    Code.LIMIT_KEPT: gettext_lazy("Within the limit of “{figure}”: {seen}."),
    Code.LIMIT_BROKEN: gettext_lazy("Beyond the limit of “{figure}”: {seen}."),
    Code.LIMIT_IN_DOUBT: gettext_lazy(
        "Perhaps beyond the limit of “{figure}”: {seen}."
    ),
    Code.MISSING_FIGURE: gettext_lazy("“{figure}” was not measured."),
    Code.TOO_FEW_PAIRS: gettext_lazy("There are too few held-out pairs to decide on."),
}
Saved = Mapping[str, Any]
"""One of the gate's reasons, or a guard or limit of its rule, as the row keeps it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One guard or limit: what was seen, and what would have been let pass."""

    label: str
    seen: PrintedInterval | None
    """None: not measured."""
    asked: str
    verdict: str
    sign: str
    """The colour of its dot."""


@dataclass(frozen=True, slots=True)
class GateDecision:
    """The gate's decision, for people."""

    outcome: str
    label: str
    sign: str
    """The colour of its dot."""
    decisive: Sequence[str]
    more: str
    """How many more pairs it takes; empty where none, or nobody knows."""
    watched: Sequence[Watch]
    tally: str
    """How many of these are kept, in doubt, broken."""
    is_clear: bool
    """Whether all of them are kept."""


_SIGNS: dict[str, str] = {
    Evaluation.Outcome.PROMOTE: "ready",
    Evaluation.Outcome.HOLD: "queued",
    Evaluation.Outcome.REJECT: "failed",
}
KEPT, DOUBT, BROKEN = "kept", "doubt", "broken"
_DOTS = {KEPT: "ready", DOUBT: "queued", BROKEN: "failed"}
_OF_WATCH = {
    Code.GUARD_KEPT: KEPT,
    Code.GUARD_IN_DOUBT: DOUBT,
    Code.GUARD_BROKEN: BROKEN,
    Code.LIMIT_KEPT: KEPT,
    Code.LIMIT_IN_DOUBT: DOUBT,
    Code.LIMIT_BROKEN: BROKEN,
}


def decision(evaluation: Evaluation | None) -> GateDecision | None:
    """The gate's decision; None where it was not asked."""
    if evaluation is None or not evaluation.outcome:
        return None
    of_watch = [r for r in evaluation.reasons if r["code"] in _OF_WATCH]
    rest = [r for r in evaluation.reasons if r["code"] not in _OF_WATCH]
    stands = [_standing(reason, evaluation.rule) for reason in of_watch]
    return GateDecision(
        outcome=evaluation.outcome,
        label=evaluation.get_outcome_display(),
        sign=_SIGNS[evaluation.outcome],
        decisive=[words(each) for each in rest],
        more=more_pairs(evaluation.reasons),
        watched=[
            _watch(reason, evaluation.rule, stand)
            for reason, stand in zip(of_watch, stands, strict=True)
        ],
        tally=_tally(stands),
        is_clear=set(stands) <= {KEPT},
    )


def first_reason(reasons: Sequence[Saved]) -> str:
    """The decisive reason, and how many more pairs would tell."""
    return " ".join([words(reasons[0]), more_pairs(reasons)]).strip() if reasons else ""


def why_promoted(promotion: Promotion) -> str:
    """What the log says of a promotion: a person's words as they were written, ours in
    the reader's language."""
    by_gate = promotion.way == Promotion.Way.GATE
    if by_gate and (measured := promotion.evaluation) and measured.reasons:
        return words(measured.reasons[0])
    is_ours = promotion.actor is None and promotion.reason
    return _(promotion.reason) if is_ours else promotion.reason


def words(reason: Saved) -> str:
    """One of the gate's reasons."""
    name, value = reason["figure"], reason["value"]
    seen = ""
    if value is not None:
        found = _interval(reason)
        unit = f" {_unit(name)}".rstrip()
        seen = f"{found.value}{unit} [{found.low}, {found.high}]"
    label = figures.FIGURES.get(name, name)
    return str(GATE[Code(reason["code"])]).format(figure=label, seen=seen)


def more_pairs(reasons: Sequence[Saved]) -> str:
    """One sentence with one number: as many as are enough for every reason."""
    most = max((reason["more_pairs"] or 0 for reason in reasons), default=0)
    if not most:
        return ""
    return ngettext(
        "About %(n)s more held-out pair would tell.",
        "About %(n)s more held-out pairs would tell.",
        most,
    ) % {"n": f"{most:,}"}


def _part(reason: Saved, rule: Saved) -> Saved:
    """The guard or limit of the rule that a reason is about."""
    kind = "guards" if reason["code"].startswith("guard") else "limits"
    parts: Sequence[Saved] = rule.get(kind, [])
    return next((part for part in parts if part["figure"] == reason["figure"]), {})


def _standing(reason: Saved, rule: Saved) -> str:
    """Evaluations before the gate knew doubt called all that was not broken kept."""
    stand = _OF_WATCH[Code(reason["code"])]
    part = _part(reason, rule)
    if reason["code"] == Code.GUARD_KEPT and part and reason["value"] is not None:
        sign = -1 if part["better"] == Better.HIGHER else 1
        return DOUBT if sign * reason["value"] > part["tolerance"] else stand
    return stand


def _watch(reason: Saved, rule: Saved, stand: str) -> Watch:
    name = reason["figure"]
    is_guard = reason["code"].startswith("guard")
    return Watch(
        label=str(figures.FIGURES.get(name, name)),
        seen=_interval(reason, plus=is_guard) if reason["value"] is not None else None,
        asked=_asked(name, _part(reason, rule), is_guard=is_guard),
        verdict=_verdict(stand, is_guard=is_guard),
        sign=_DOTS[stand],
    )


def _asked(name: str, part: Saved, *, is_guard: bool) -> str:
    if not part:
        return "–"
    rises = part["better"] == Better.HIGHER
    bound = part["tolerance"] if is_guard else part["bound"]
    number = f"{_printed(name, bound)} {_unit(name)}".rstrip()
    if is_guard and not bound:
        told = _("may not fall") if rises else _("may not rise")
    elif is_guard:
        told = _("may fall by %(number)s") if rises else _("may rise by %(number)s")
    else:
        told = _("at least %(number)s") if rises else _("at most %(number)s")
    return told % {"number": number}


def _verdict(stand: str, *, is_guard: bool) -> str:
    if stand == KEPT:
        return _("kept")
    if stand == BROKEN:
        return _("broken: surely worse than that")
    if is_guard:
        return _("in doubt: worse than that, but it may be chance; no veto")
    return _("in doubt: beyond that, but it may be chance")


def _tally(stands: Sequence[str]) -> str:
    told = [
        (KEPT, _("%(n)d kept")),
        (DOUBT, _("%(n)d in doubt")),
        (BROKEN, _("%(n)d broken")),
    ]
    return listed(
        word % {"n": stands.count(each)} for each, word in told if each in stands
    )


def _interval(reason: Saved, *, plus: bool = False) -> PrintedInterval:
    bounds = (reason["value"], reason["low"], reason["high"])
    return PrintedInterval(
        *(_printed(reason["figure"], each, plus=plus) for each in bounds)
    )


def _printed(name: str, value: float | None, *, plus: bool = False) -> str:
    told = printed(EvaluationFigure(name=name, unit=""), value)
    return f"+{told}" if plus and value and value > 0 else told


def _unit(name: str) -> str:
    return "%" if name in figures.SHARES else ""
