"""An estimate that comes with an adapter, and one that an evaluation gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from tests import estimates, factories
from training.evaluation.helpfulness import Estimate
from training.manifest import BadManifest, Manifest
from training.models import (
    CrossFittedDraft,
    Evaluation,
    EvaluationSample,
    Snapshot,
    SnapshotItem,
    TrainingRun,
)
from training.selectors import active_coach, help_estimate, trusted_estimate
from training.services import estimating

pytestmark = pytest.mark.django_db


@pytest.fixture
def coach():
    project = factories.make_project()
    factories.make_coach(project)
    return active_coach(project.scope)


def lay(folder, **changed):
    papers = {
        "adapter_sha256": "",
        "held_out": 300,
        "estimate": estimates.fitted().as_dict(),
        **changed,
    }
    (folder / estimating.NAME).write_text(json.dumps(papers))


def test_it_comes_with_its_coach(coach, tmp_path):
    lay(tmp_path, adapter_sha256=coach.adapter_sha256)

    row = estimating.bring(coach, tmp_path)

    assert (row.held_out, row.reviews) == (300, 0)
    assert trusted_estimate(coach) == estimates.fitted()


def test_without_one_nothing_is_known(coach, tmp_path):
    assert estimating.bring(coach, tmp_path) is None
    assert help_estimate(coach) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"adapter_sha256": "other"}, "another adapter"),
        ({"estimate": {}}, "cannot be read"),
        ({"held_out": "many"}, "cannot be read"),
    ],
)
def test_one_that_is_not_its_own_or_damaged_is_refused(coach, tmp_path, changed, said):
    lay(tmp_path, **{"adapter_sha256": coach.adapter_sha256, **changed})
    with pytest.raises(BadManifest, match=said):
        estimating.bring(coach, tmp_path)


def evaluate(coach, pairs):
    """An evaluation whose unsure drafts harm and whose sure ones help."""
    evaluation = Evaluation.objects.create(
        coach=coach, held_out_sha256="a", examples=pairs, seconds=1.0
    )
    raw = {"instruction": "Name it.", "input": "", "response": "A thing"}
    better = {**raw, "response": "A thing, of course."}
    EvaluationSample.objects.bulk_create(
        EvaluationSample(
            evaluation=evaluation,
            source_id=f"s{number}",
            **better,
            raw=raw,
            expert=better if number % 2 else raw,
            mean_logprob=-0.1 if number % 2 else -2.0,
            distance_raw=0,
            distance_draft=0,
        )
        for number in range(pairs)
    )


def test_an_evaluation_gives_one(coach):
    evaluate(coach, 80)

    row = estimating.refit(coach)

    assert (row.held_out, row.reviews) == (80, 0)
    assert trusted_estimate(coach).auc == 1.0


def cross_fit(coach, count, *, helps):
    """Drafts of the coach's run by other coaches, which all help or all harm."""
    snapshot = Snapshot.objects.create(scope=coach.scope, sha256="s", offered=count)
    coach.run = TrainingRun.objects.create(
        scope=coach.scope, snapshot=snapshot, config={}
    )
    coach.save()
    for number in range(count):
        better = f"A thing {number}, of course."
        item = SnapshotItem.objects.create(
            snapshot=snapshot,
            role=SnapshotItem.Role.TRAIN,
            source_id=f"row:{number}",
            fingerprint=str(number),
            raw_instruction="Name it.",
            raw_response=f"A thing {number}",
            revised_instruction="Name it.",
            revised_response=better if helps(number) else f"A thing {number}",
            distance=1,
        )
        CrossFittedDraft.objects.create(
            run=coach.run,
            example=item,
            part=number % 2,
            instruction="Name it.",
            response=better,
            mean_logprob=-0.1 if number % 2 else -2.0,
        )


def test_cross_fitted_drafts_are_learned_from_and_never_judged_by(coach):
    evaluate(coach, 80)
    cross_fit(coach, 200, helps=lambda number: number % 2 == 1)

    row = estimating.refit(coach)

    found = Estimate.from_dict(row.papers)
    assert (row.held_out, row.cross_fitted, row.reviews) == (80, 200, 0)
    assert (found.n, found.beside) == (80, 200)
    assert len(found.judged) == 80
    assert all(e.probability is None for e in found.examples if not e.is_own)


def test_those_that_say_the_opposite_are_not_let_in(coach):
    evaluate(coach, 80)
    cross_fit(coach, 200, helps=lambda number: number % 2 == 0)

    found = Estimate.from_dict(estimating.refit(coach).papers)

    assert found.share == 0
    assert found.auc == 1.0


def test_on_the_first_day_they_are_all_there_is(coach):
    cross_fit(coach, 200, helps=lambda number: number % 2 == 1)

    row = estimating.refit(coach)

    found = Estimate.from_dict(row.papers)
    assert (row.held_out, row.cross_fitted, found.n, found.beside) == (0, 200, 200, 0)
    assert len(found.judged) == 200
    assert trusted_estimate(coach).auc == 1.0


def test_a_small_evaluation_gives_none(coach):
    evaluate(coach, 20)
    assert estimating.refit(coach) is None
    assert help_estimate(coach) is None


def test_the_shipped_coach_has_one_that_can_be_trusted(monkeypatch):
    monkeypatch.setattr(estimating, "NAME", "help_estimate.json")
    folder = Path(settings.SHIPPED_COACH)

    found, held_out = estimating.beside(folder, Manifest.read(folder).adapter_sha256)

    assert found.is_trusted
    assert held_out == len(found.examples)


def test_drafts_that_came_with_other_features_are_not_learned_from(coach):
    estimates.give(coach, version=1)

    assert estimating.refit(coach) is None
