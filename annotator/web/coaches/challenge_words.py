"""A challenge as the coaches page prints it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotator.domain import intervals
from annotator.domain.challenge import figures, rule
from annotator.domain.challenge.figures import Compared, FigureName
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors import challenges
from annotator.web.numbers import PrintedInterval
from annotator.web.tables import interval
from training import selectors
from training.models import Challenge, TrainingRun

# label, unit
FIGURES = {
    FigureName.EDITED: (
        gettext_lazy("Changed from draft to final"),
        gettext_lazy("characters a pair, mean"),
    ),
    FigureName.EDITED_SHARE: (
        gettext_lazy("Changed, of the draft"),
        gettext_lazy("characters in 100 of the draft"),
    ),
    FigureName.ACCEPTED: (
        gettext_lazy("Accepted as drafted"),
        # xgettext:no-python-format
        gettext_lazy("% of reviews"),
    ),
    FigureName.MEDIAN_SECONDS: (
        gettext_lazy("Active time, median"),
        gettext_lazy("seconds a pair"),
    ),
    FigureName.MEAN_SECONDS: (
        gettext_lazy("Active time, mean"),
        gettext_lazy("seconds a pair"),
    ),
    FigureName.RETURNED: (
        gettext_lazy("Sent back by quality control"),
        # xgettext:no-python-format
        gettext_lazy("% of judged reviews"),
    ),
    FigureName.UNUSABLE: (
        gettext_lazy("Unusable drafts"),
        # xgettext:no-python-format
        gettext_lazy("% of drafts"),
    ),
}
PER_HUNDRED = {*figures.SHARES, FigureName.EDITED_SHARE}


def panel(project: Project) -> dict[str, Any]:
    """What coaches/_challenge.html asks for: the newest challenge, and a form."""
    newest = selectors.challenges(project.scope).first()
    is_open = newest is not None and not newest.outcome
    active = selectors.active_coach(project.scope)
    others = [
        each
        for each in selectors.coaches(project.scope)[:50]
        if each != active
        and (each.run is None or each.run.state == TrainingRun.State.READY)
    ]
    return {
        "challenge": printed(newest) if newest else None,
        "challengers": [] if is_open or active is None else others,
        "challenge_share": project.challenge_share,
        "challenge_reviews": project.challenge_reviews,
    }


def printed(challenge: Challenge) -> dict[str, Any]:
    """One challenge, ready to print."""
    trial = challenges.trial(challenge)
    return {
        "row": challenge,
        "is_open": not challenge.outcome,
        "percent": 100 * challenge.share,
        "sides": [
            _side(trial.champion, _("champion"), challenge),
            _side(trial.challenger, _("challenger"), challenge),
        ],
        "figures": _table(trial),
        "verdict": sentence(trial.verdict),
        "waits": "" if challenge.outcome else waits(trial.verdict),
    }


def _side(
    side: challenges.ChallengeSide, label: str, challenge: Challenge
) -> dict[str, object]:
    return {
        "label": label,
        "coach": side.coach,
        "drafts": side.drafts,
        "reviews": side.reviews,
        "needed": challenge.needed,
        "part": min(side.reviews, challenge.needed),
    }


def _table(trial: challenges.Trial) -> Table:
    return Table(
        caption=_caption(trial),
        is_captioned=True,
        heads=[
            Head(_("Figure"), is_text=True),
            Head(_("Champion")),
            Head(_("Challenger")),
            Head(_("Difference")),
        ],
        rows=[_row(figure) for figure in trial.figures],
    )


def _caption(trial: challenges.Trial) -> str:
    whose = ngettext(
        "First reviews of %(n)s person. In brackets: 95 %% bootstrap interval.",
        "First reviews of %(n)s people. In brackets: 95 %% bootstrap interval.",
        trial.people,
    ) % {"n": trial.people}
    over = (
        _("Intervals are over people.")
        if trial.by_people
        else _(
            "Fewer than %(n)s people: intervals are over reviews, and speak of these "
            "people only."
        )
        % {"n": figures.MIN_PEOPLE}
    )
    alone = _("These figures decide nothing by themselves.")
    return f"{whose} {over} {alone}"


def _row(figure: Compared) -> list[Cell]:
    label, unit = FIGURES[FigureName(figure.name)]
    return [
        Cell(str(label), below=str(unit)),
        _counted(_interval(figure, figure.champion), figure.n_champion),
        _counted(_interval(figure, figure.challenger), figure.n_challenger),
        interval(_interval(figure, figure.difference)),
    ]


def _counted(found: PrintedInterval | None, n: int) -> Cell:
    """With its bounds, and how many it is counted over, below."""
    cell, over = interval(found), _("of %(n)s") % {"n": n}
    return replace(cell, below=f"{cell.below}\n{over}".strip())


def _interval(
    figure: Compared, found: intervals.Interval | None
) -> PrintedInterval | None:
    if found is None:
        return None
    times = 100 if figure.name in PER_HUNDRED else 1
    sign = "+" if found is figure.difference else ""
    bounds = (found.value, found.low, found.high)
    return PrintedInterval(*(f"{times * bound:{sign}.1f}" for bound in bounds))


def sentence(verdict: rule.ChallengeFinding) -> str:
    """What the last look found, with its numbers."""
    gap = verdict.difference
    if verdict.code == rule.ChallengeCode.NOT_ENOUGH or gap is None:
        return _("Not enough reviews to decide.")
    numbers = _(
        "Look %(look)d of %(looks)d, on %(champion)d reviews of the champion and "
        "%(challenger)d of the challenger: %(value)s characters a pair, 97.5 %% "
        "interval from %(low)s to %(high)s."
    ) % {
        "look": verdict.look,
        "looks": rule.LOOKS,
        "champion": verdict.n_champion,
        "challenger": verdict.n_challenger,
        "value": f"{gap.value:+.1f}",
        "low": f"{gap.low:+.1f}",
        "high": f"{gap.high:+.1f}",
    }
    return f"{_found(verdict)} {numbers}"


def _found(verdict: rule.ChallengeFinding) -> str:
    match verdict.code:
        case rule.ChallengeCode.BETTER:
            return _("The challenger is better: people change less of its drafts.")
        case rule.ChallengeCode.WORSE:
            return _("The challenger is worse: people change more of its drafts.")
        case rule.ChallengeCode.GUARDED if verdict.guard:
            guard = FIGURES[verdict.guard][0]
            return _(
                "People change less of the challenger's drafts, but it is worse by: "
                "%(guard)s."
            ) % {"guard": guard}
    return _("No difference was found between the two coaches.")


def waits(verdict: rule.ChallengeFinding) -> str:
    """What the next look waits for; empty after the last."""
    lacking = verdict.lacking_champion, verdict.lacking_challenger
    if verdict.is_final or not any(lacking):
        return ""
    return _("Until the next look: %(champion)s; %(challenger)s.") % {
        "champion": ngettext(
            "%(n)d more review of the champion",
            "%(n)d more reviews of the champion",
            lacking[0],
        )
        % {"n": lacking[0]},
        "challenger": ngettext(
            "%(n)d more review of the challenger",
            "%(n)d more reviews of the challenger",
            lacking[1],
        )
        % {"n": lacking[1]},
    }
