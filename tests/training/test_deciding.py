"""What the gate lets pass takes over as the run was told; nothing else does."""

from __future__ import annotations

import pytest

from revision_engine.types import CoachRef
from training.config import LoraConfig
from training.models import Evaluation, Promotion, Snapshot, TrainingRun
from training.selectors import active_coach, open_challenge
from training.services import deciding, registry, runs
from training.taking_over import TakesOver

pytestmark = pytest.mark.django_db
SCOPE = "project-1"
PASSED = Evaluation.Outcome.PROMOTE


def coach(name: str, run: TrainingRun | None = None):
    ref = CoachRef(name=name, base_model="none", prompt="coachlm-1", wording="Improve.")
    return registry.register(scope=SCOPE, ref=ref, name=name, run=run)


@pytest.fixture
def champion():
    made = coach("champion")
    registry.promote(coach=made, actor=None)
    return made


def settle(way: str, outcome: str, current) -> Evaluation:
    run = runs.enqueue(
        scope=SCOPE,
        snapshot=Snapshot.objects.create(scope=SCOPE, sha256="0", offered=1),
        config=LoraConfig(),
        actor=None,
        takes_over=TakesOver(way=way, share=0.25, needed=40),
    )
    TrainingRun.objects.update(state=TrainingRun.State.READY)
    run.refresh_from_db()
    evaluation = Evaluation.objects.create(
        coach=coach("challenger", run),
        current=current,
        outcome=outcome,
        reasons=[{"code": "better", "sentence": "It saves more effort."}],
        held_out_sha256="0",
        examples=1,
        seconds=1,
    )
    deciding.settle(run, evaluation.coach, evaluation)
    return evaluation


def test_it_takes_over_at_once_and_the_log_says_why(champion):
    evaluation = settle("at_once", PASSED, champion)

    log = Promotion.objects.filter(scope=SCOPE).first()
    assert active_coach(SCOPE) == evaluation.coach
    assert (log.way, log.reason, log.evaluation) == (
        Promotion.Way.GATE,
        "It saves more effort.",
        evaluation,
    )


def test_it_waits_for_a_person(champion):
    settle("wait", PASSED, champion)

    assert active_coach(SCOPE) == champion


def test_it_is_put_on_trial(champion):
    evaluation = settle("challenge", PASSED, champion)

    trial = open_challenge(SCOPE)
    assert active_coach(SCOPE) == champion
    assert trial.challenger == evaluation.coach
    assert (trial.share, trial.needed) == (0.25, 40)


def test_a_first_coach_has_none_to_be_tried_against():
    evaluation = settle("challenge", PASSED, None)

    assert active_coach(SCOPE) == evaluation.coach
    assert open_challenge(SCOPE) is None


@pytest.mark.parametrize("way", ["at_once", "challenge"])
@pytest.mark.parametrize("outcome", ["hold", "reject"])
def test_what_the_gate_holds_back_changes_nothing(champion, way, outcome):
    settle(way, outcome, champion)

    assert active_coach(SCOPE) == champion
    assert open_challenge(SCOPE) is None


def test_a_decision_about_another_coach_is_not_carried_out(champion):
    other = coach("other")
    registry.promote(coach=other, actor=None)

    settle("at_once", PASSED, champion)

    assert active_coach(SCOPE) == other
