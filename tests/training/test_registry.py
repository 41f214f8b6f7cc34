"""One coach drafts for a scope; every change of it is in the log, and can be undone."""

from __future__ import annotations

import pytest

from revision_engine.types import CoachRef
from training.models import Challenge, Evaluation, Promotion
from training.selectors import active_coach
from training.services import registry

pytestmark = pytest.mark.django_db
SCOPE = "project-1"


def coach(name: str):
    ref = CoachRef(name=name, base_model="none", prompt="coachlm-1", wording="Improve.")
    return registry.register(scope=SCOPE, ref=ref, name=name)


def promote(made, **values) -> Promotion:
    return registry.promote(coach=made, actor=None, **values)


def measured(made, outcome: str) -> None:
    Evaluation.objects.create(
        coach=made, outcome=outcome, held_out_sha256="0", examples=1, seconds=1
    )


def test_the_log_tells_what_became_active_after_what():
    first, second = coach("first"), coach("second")

    promote(first)
    promotion = promote(second, reason="newer")

    assert active_coach(SCOPE) == second
    assert (promotion.previous, promotion.reason) == (first, "newer")


def test_one_click_brings_the_coach_before_back():
    first, second = coach("first"), coach("second")
    promote(first)
    promote(second)

    promotion = registry.roll_back(scope=SCOPE, actor=None)

    assert active_coach(SCOPE) == first
    assert promotion.way == Promotion.Way.ROLLED_BACK


def test_the_first_coach_cannot_be_rolled_back():
    promote(coach("first"))

    with pytest.raises(registry.NotPromotable, match="no earlier coach"):
        registry.roll_back(scope=SCOPE, actor=None)


@pytest.mark.parametrize("outcome", ["hold", "reject"])
def test_to_overrule_the_gate_takes_a_reason(outcome):
    promote(coach("first"))
    second = coach("second")
    measured(second, outcome)

    with pytest.raises(registry.NotPromotable, match=f"The gate says {outcome}"):
        promote(second, reason="  ")

    assert promote(second, reason="we know better").way == Promotion.Way.OVERRULED


def test_what_the_gate_lets_pass_needs_no_reason():
    promote(coach("first"))
    second = coach("second")
    measured(second, "promote")

    assert promote(second).way == Promotion.Way.PERSON


def test_the_active_coach_is_not_promoted_again():
    first = coach("first")
    promote(first)

    with pytest.raises(registry.NotPromotable, match="active coach already"):
        promote(first)


def test_a_promotion_stops_a_challenge_of_the_coach_before():
    first, second, third = coach("first"), coach("second"), coach("third")
    promote(first)
    challenge = Challenge.objects.create(
        scope=SCOPE, champion=first, challenger=second, share=0.5, needed=10
    )

    promote(third)

    challenge.refresh_from_db()
    assert challenge.outcome == Challenge.Outcome.STOPPED
    assert "third" in challenge.reason
