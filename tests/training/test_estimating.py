"""An estimate that comes with an adapter, and one that an evaluation gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from tests import estimates, factories
from training.manifest import BadManifest, Manifest
from training.models import Evaluation, EvaluationSample
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
