"""What becomes of a new coach: the gate's decision is carried out here."""

from __future__ import annotations

from training.models import CoachVersion, Evaluation, Promotion, TrainingRun
from training.selectors import active_coach, open_challenge
from training.services import challenging, registry
from training.taking_over import TakesOver, Way


def settle(run: TrainingRun, coach: CoachVersion, evaluation: Evaluation) -> None:
    """Carry out what the gate decided, if a person need not be asked.

    Nothing happens if the coach it was measured against is no longer the active one:
    the decision was about another.
    """
    passed = evaluation.outcome == Evaluation.Outcome.PROMOTE
    active = active_coach(run.scope)
    if not passed or active != evaluation.current:
        return
    then = TakesOver.from_dict(run.takes_over)
    if then.way == Way.AT_ONCE or (then.way == Way.CHALLENGE and active is None):
        reason = evaluation.reasons[0]["sentence"]
        registry.promote(coach=coach, actor=None, reason=reason, way=Promotion.Way.GATE)
    elif then.way == Way.CHALLENGE and not open_challenge(run.scope):
        challenging.start(
            scope=run.scope,
            challenger=coach,
            share=then.share,
            needed=then.needed,
            actor=None,
        )
