"""Coaches of several bases on the same held-out pairs: a job that goes on, or stops."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import BackboneComparison, BackboneDraft, ModelStudy
from annotator.selectors import backbones
from annotator.services import (
    backbone_figures,
    comparing_backbones,
    snapshotting,
)
from revision_engine.types import CoachRef
from tests import backbones as cast
from tests import factories
from training.evaluation import metrics
from training.models import CoachVersion, Evaluation, EvaluationSample
from training.services import registry, runs

pytestmark = pytest.mark.django_db
State = BackboneComparison.State
BARE = "SmolLM2-135M-Instruct"


@pytest.fixture
def project(settings):
    settings.REVISION_BACKEND = cast.FAKE
    settings.HELD_OUT_SHARE = 0.4
    project = factories.make_project()
    factories.make_coach(project, "first")
    ref = CoachRef(
        name="other", base_model="org/other", prompt="coachlm-1", wording="Improve."
    )
    registry.register(scope=project.scope, ref=ref, name="other")
    factories.import_rows(project, factories.rows(40, revised=True))
    return project


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(comparing_backbones, "follow", cast.here)


def coaches(project) -> list[int]:
    found = CoachVersion.objects.filter(scope=project.scope).order_by("pk")
    return list(found.values_list("pk", flat=True))


def ask(project, ada, **more) -> BackboneComparison:
    asked = {"coaches": coaches(project), "pairs": 8, **more}
    return comparing_backbones.request(project=project, actor=ada, **asked)


def carried_out(comparison) -> backbones.BackboneBoard:
    comparing_backbones.carry_out(comparison.pk)
    comparison.refresh_from_db()
    return backbones.board(comparison)


@pytest.mark.process
def test_a_process_measures_each_on_the_same_pairs(project, ada):
    comparison = ask(project, ada, base_models=[BARE])
    waiting = comparing_backbones.to_carry_out()

    board = carried_out(comparison)

    assert waiting == [comparison.pk]
    assert (comparison.state, comparison.problem) == (State.DONE, "")
    assert [each.row.name for each in board.backbones] == ["first", "other", BARE]
    assert (board.done, board.total) == (24, 24)
    for each in board.backbones:
        assert each.tokens_per_second > 0
        assert each.drafts_per_minute > 0
        assert each.row.timed == 8
        assert 10_000_000 < each.row.memory < 5_000_000_000
        assert each.row.device == "cpu"
        names = {(figure.name, figure.side) for figure in each.figures}
        assert ("chrF", "coach") in names
        assert ("effort saved", "difference") in names or each.row.position == 1


@pytest.mark.usefixtures("in_process")
def test_figures_are_counted_from_the_drafts_and_compared_with_the_first(project, ada):
    comparison = ask(project, ada)

    first, second = carried_out(comparison).backbones

    def told(each):
        return {(f.name, f.side): f.value for f in each.figures}

    rows = backbone_figures.measured(second.row)
    counted = {
        (figure.name, figure.side): figure.value
        for figure in metrics.figures(rows, backbone_figures.measured(first.row))
        if figure.side != "current"
    }
    assert told(second) == pytest.approx(counted)
    mine, theirs = told(second)["chrF", "coach"], told(first)["chrF", "coach"]
    assert told(second)["chrF", "difference"] == pytest.approx(mine - theirs)
    assert not any(side == "difference" for _, side in told(first))


@pytest.mark.usefixtures("in_process")
def test_what_an_evaluation_measured_is_not_drafted_again(project, ada, monkeypatch):
    first = CoachVersion.objects.get(name="first")
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)
    runs.cancel(run=run)
    evaluation = Evaluation.objects.create(
        coach=first, held_out_sha256="0", examples=1, seconds=1
    )
    comparison = ask(project, ada)
    comparing_backbones.cancel(comparison=comparison, actor=ada)
    for pair in comparison.pairs.all()[:5]:
        EvaluationSample.objects.create(
            evaluation=evaluation,
            source_id=str(pair.pk),
            raw=pair.raw,
            expert=pair.expert,
            **{**pair.expert, "response": "Stored."},
            distance_raw=3,
            distance_draft=0,
        )
    monkeypatch.setattr(comparing_backbones, "PROBE", 2)
    asked = []
    lay_down = comparing_backbones.work.lay_down

    def watched(folder, coach, store, probe, todo):
        asked.append((coach.name, len(probe), len(todo)))
        lay_down(folder, coach, store, probe, todo)

    monkeypatch.setattr(comparing_backbones.work, "lay_down", watched)

    board = carried_out(ask(project, ada))

    # Two are drafted for the pace, whatever is stored.
    assert asked == [("first", 2, 3), ("other", 2, 6)]
    assert [each.reused for each in board.backbones] == [5, 0]
    stored = BackboneDraft.objects.filter(is_reused=True)
    assert {draft.response for draft in stored} == {"Stored."}
    assert board.done == board.total == 16


@pytest.mark.usefixtures("in_process")
def test_pairs_that_one_of_them_has_learned_are_left_out(project, ada, monkeypatch):
    known = [pair.text for pair in ask(project, ada, pairs=500).pairs.all()]
    BackboneComparison.objects.all().delete()
    learned = comparing_backbones.knowledge

    def knows(coach):
        return lambda prints: dict.fromkeys(prints[:3]) or learned(coach)(prints)

    monkeypatch.setattr(comparing_backbones, "knowledge", knows)

    left = [pair.text for pair in ask(project, ada, pairs=500).pairs.all()]

    assert left == known[3:]


def test_one_that_cannot_be_measured_stops_no_other(project, ada, monkeypatch):
    def dying(folder, command, heard):
        if folder.name == "1":
            raise comparing_backbones.StepFailed("No such base model.")
        cast.here(folder, command, heard)

    monkeypatch.setattr(comparing_backbones, "follow", dying)
    comparison = ask(project, ada)

    board = carried_out(comparison)

    assert comparison.state == State.DONE
    assert [each.row.problem for each in board.backbones] == ["No such base model.", ""]
    assert board.backbones[1].figures
    monkeypatch.setattr(comparing_backbones, "follow", cast.here)
    comparing_backbones.resume(comparison=comparison, actor=ada)
    again = carried_out(comparison)
    assert [each.row.problem for each in again.backbones] == ["", ""]
    assert {f.side for f in again.backbones[0].figures} >= {"coach", "difference"}
    with pytest.raises(Invalid, match="nothing is left"):
        comparing_backbones.resume(comparison=comparison, actor=ada)


def test_if_none_can_be_measured_it_has_failed(project, ada, monkeypatch):
    def dying(*given):
        raise comparing_backbones.StepFailed("No such base model.")

    monkeypatch.setattr(comparing_backbones, "follow", dying)
    comparison = ask(project, ada)

    carried_out(comparison)

    assert (comparison.state, comparison.problem) == (
        State.FAILED,
        "No such base model.",
    )


def test_a_cancel_stops_the_work_and_what_came_is_not_drafted_again(
    project, ada, monkeypatch
):
    comparison = ask(project, ada)

    def cancelled(folder, command, heard):
        def first_half(lines):
            heard([line for line in lines if line["kind"] == "draft"][:5])
            comparing_backbones.cancel(comparison=comparison, actor=ada)
            heard([])

        cast.here(folder, command, first_half)

    monkeypatch.setattr(comparing_backbones, "follow", cancelled)
    stopped = carried_out(comparison)
    assert (comparison.state, stopped.done) == (State.CANCELLED, 5)
    kept = list(BackboneDraft.objects.values_list("pk", flat=True))

    monkeypatch.setattr(comparing_backbones, "follow", cast.here)
    comparing_backbones.resume(comparison=comparison, actor=ada)
    board = carried_out(comparison)

    assert (comparison.state, board.done) == (State.DONE, 16)
    assert BackboneDraft.objects.filter(pk__in=kept).count() == 5


@pytest.mark.usefixtures("in_process")
def test_a_worker_that_died_is_followed_and_a_training_run_goes_first(project, ada):
    comparison = ask(project, ada)
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    carried_out(comparison)
    waits = (comparison.state, comparing_backbones.to_carry_out())
    named = backbones.waits_for(comparison)
    runs.cancel(run=run)
    comparison.state, comparison.worker = State.WORKING, None
    comparison.heard_at = timezone.now() - timezone.timedelta(hours=1)
    comparison.save()
    tasks.compare_backbones(comparison.pk)

    comparison.refresh_from_db()
    assert waits == (State.WAITING, [])
    assert named == run
    assert comparison.state == State.DONE


def test_none_is_handed_on_while_another_or_a_model_study_works(project, ada):
    comparison = ask(project, ada)
    study = ModelStudy.objects.create(
        project=project, state=ModelStudy.State.WORKING, heard_at=timezone.now()
    )

    beside_a_study = comparing_backbones.to_carry_out()
    study.delete()
    other = factories.make_project(slug="other")
    BackboneComparison.objects.create(
        project=other, state=State.WORKING, heard_at=timezone.now()
    )
    beside_another = comparing_backbones.to_carry_out()
    BackboneComparison.objects.filter(project=other).delete()

    assert (beside_a_study, beside_another) == ([], [])
    assert comparing_backbones.to_carry_out() == [comparison.pk]


def test_a_run_that_comes_meanwhile_gets_the_machine(project, ada, monkeypatch):
    comparison = ask(project, ada)
    plan = snapshotting.plan_for(project)

    def interrupted(folder, command, heard):
        snapshotting.start_run(project=project, actor=ada, plan=plan)
        heard([])

    monkeypatch.setattr(comparing_backbones, "follow", interrupted)

    carried_out(comparison)

    assert (comparison.state, comparison.worker) == (State.WAITING, None)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"coaches": []}, "Choose 2 to 6"),
        ({"coaches": [1_000_000, 1_000_001]}, "no coach of this project"),
        ({"base_models": ["someone/else"]}, "COACHLM_BASE_MODELS"),
        ({"pairs": 4}, "from 5 to 500"),
    ],
)
def test_what_cannot_be_compared_is_refused(project, ada, asked, why):
    with pytest.raises(Invalid, match=why):
        ask(project, ada, **asked)


def test_one_at_a_time_by_whoever_may_train_on_enough_pairs(project, ada, settings):
    lena = factories.make_member(project, Role.LEAD, "lena")
    with pytest.raises(NotAllowed):
        ask(project, lena)
    settings.HELD_OUT_SHARE = 0.0
    with pytest.raises(Invalid, match="0 accepted pairs are held out"):
        ask(project, ada)
    settings.HELD_OUT_SHARE = 0.4
    comparison = ask(project, ada)

    with pytest.raises(Invalid, match="is on its way"):
        ask(project, ada)
    with pytest.raises(NotAllowed):
        comparing_backbones.cancel(comparison=comparison, actor=lena)
