"""Coaches of parts draft the other parts: nobody drafts what they have learned."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.services import snapshotting
from tests import factories, world
from training import folds
from training.evaluation import unlearned
from training.evaluation.done_lines import keep
from training.examples import RevisionExample, read_jsonl
from training.manifest import START, WEIGHTS, digest_file
from training.models import CrossFittedDraft, SnapshotItem, TrainingRun
from training.services import cross_fitting, launching, runs

pytestmark = [pytest.mark.process, pytest.mark.django_db]

COUNT = 3


@pytest.fixture
def project(settings, monkeypatch):
    settings.TRAINING_RECIPE = "tests.quick_recipe"
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    monkeypatch.setattr(folds, "FEWEST", 5)
    project = factories.make_project()
    factories.import_rows(project, factories.rows(60, revised=True))
    return project


def start(project, **asked) -> TrainingRun:
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(project, selection="all", folds=COUNT, **asked)
    return snapshotting.start_run(project=project, actor=ada, plan=plan)


def keys(examples: list[RevisionExample]) -> set[str]:
    return {example.fingerprint for example in examples}


def test_each_learned_pair_is_drafted_once_by_a_coach_that_had_not_seen_it(
    project, monkeypatch
):
    monkeypatch.setattr(cross_fitting, "clear", lambda folder: None)
    run = start(project)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    assert (run.stage, run.stage_done) == (2 * COUNT, run.stage_whole)
    learned = run.snapshot.items.filter(role=SnapshotItem.Role.TRAIN)
    drafts = CrossFittedDraft.objects.filter(run=run).select_related("example")
    assert sorted(d.example_id for d in drafts) == sorted(i.pk for i in learned)
    parts = cross_fitting.parts_of(run, runs.folder_of(run))
    for part in parts:
        seen = keys(read_jsonl(part.folder / "train.jsonl"))
        mine = {d.example.fingerprint for d in drafts if d.part == part.number}
        assert mine
        assert not mine & seen
        assert mine | seen == {item.fingerprint for item in learned}
        config = json.loads((part.folder / "config.json").read_text())
        assert config == {**run.config, "folds": 0}


def test_their_coaches_are_taken_away_at_the_end(project):
    run = start(project)

    launching.carry_out(run.pk)

    assert CrossFittedDraft.objects.filter(run=run).exists()
    assert not (runs.folder_of(run) / cross_fitting.FOLDER).exists()


def test_a_part_that_was_done_before_a_kill_is_not_done_again(
    project, settings, monkeypatch
):
    monkeypatch.setattr(cross_fitting, "clear", lambda folder: None)
    settings.TRAINING_RECIPE = "tests.second_fold_dies"
    run = start(project)
    launching.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.stage) == (TrainingRun.State.FAILED, 3)
    first, *others = cross_fitting.parts_of(run, runs.folder_of(run))
    before = (first.folder / unlearned.DRAFTS).read_text()
    assert CrossFittedDraft.objects.filter(run=run).count() == len(first.drafted)
    settings.TRAINING_RECIPE = "tests.quick_recipe"

    launching.carry_out(runs.resume(run=run).pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    assert (first.folder / unlearned.DRAFTS).read_text() == before
    assert CrossFittedDraft.objects.filter(run=run).count() == sum(
        len(part.drafted) for part in (first, *others)
    )


@pytest.mark.flow
def test_real_coaches_of_a_tiny_model_draft_each_others_pairs(
    settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(folds, "FEWEST", 5)
    monkeypatch.setattr(cross_fitting, "clear", lambda folder: None)
    world.prepare(settings, tmp_path)
    project = factories.make_project()
    factories.import_rows(project, factories.rows(30, revised=True))
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(
        project,
        selection="all",
        start="base",
        epochs=1,
        folds=2,
        rank=2,
        lora_alpha=4,
        precision="fp32",
    )
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    parts = cross_fitting.parts_of(run, runs.folder_of(run))
    made = {digest_file(part.folder / "adapter" / WEIGHTS) for part in parts}
    assert len(made) == 2
    assert run.coach.adapter_sha256 not in made
    drafts = CrossFittedDraft.objects.filter(run=run)
    assert drafts.count() == sum(len(part.drafted) for part in parts)
    assert all(draft.mean_logprob is not None for draft in drafts if not draft.problem)


def test_a_run_that_is_cancelled_meanwhile_stops(project, monkeypatch):
    run = start(project)
    lay_out = cross_fitting.lay_out

    def cancelled(*args):
        runs.cancel(run=run)
        lay_out(*args)

    monkeypatch.setattr(cross_fitting, "lay_out", cancelled)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert run.state == TrainingRun.State.CANCELLED
    assert not CrossFittedDraft.objects.filter(run=run).exists()


def test_other_settings_or_examples_are_other_folders(project):
    run = start(project)
    folder = runs.prepare(run)
    names = [part.folder.name for part in cross_fitting.parts_of(run, folder)]

    run.config = {**run.config, "epochs": 5}
    others = [part.folder.name for part in cross_fitting.parts_of(run, folder)]

    assert len(set(names)) == COUNT
    assert not set(names) & set(others)


def test_what_the_coach_that_is_gone_on_from_has_learned_is_not_drafted(project):
    run = start(project)
    folder = runs.prepare(run)
    item = run.snapshot.items.filter(role=SnapshotItem.Role.TRAIN).first()
    (folder / START).mkdir()
    papers = {"trained_on": [item.fingerprint[:16]]}
    (folder / START / "manifest.json").write_text(json.dumps(papers))

    parts = cross_fitting.parts_of(run, folder)

    assert all(item.fingerprint not in keys(part.drafted) for part in parts)
    assert sum(len(part.drafted) for part in parts) == (
        run.snapshot.items.filter(role=SnapshotItem.Role.TRAIN).count() - 1
    )


def test_drafts_of_another_coach_in_the_file_are_not_taken(project):
    run = start(project)
    launching.carry_out(run.pk)
    folder = runs.prepare(run)
    part = cross_fitting.parts_of(run, folder)[0]
    cross_fitting.lay_out(part, run, folder)
    (part.folder / "adapter").mkdir()
    (part.folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
    coach, _ = unlearned.coach_of(part.folder / "adapter", part.folder)
    other = replace(coach, adapter_sha256="0" * 64)
    keep(part.folder / unlearned.DRAFTS, other, draft={"key": "theirs"})

    assert unlearned.drafts_in(part.folder) == []


def test_parts_that_are_too_small_are_refused_before_anything_starts(
    project, monkeypatch
):
    monkeypatch.setattr(folds, "FEWEST", 50)

    with pytest.raises(Invalid, match="too few for 3 folds"):
        start(project)

    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(
    "asked", [{"folds": 1}, {"folds": 11}, {"folds": 2, "learns": "preferences"}]
)
def test_other_numbers_of_folds_are_refused(project, asked):
    factories.make_coach(project)
    with pytest.raises(Invalid, match="folds"):
        snapshotting.plan_for(project, **asked)
