"""A model study is a job of the training worker: gone on with, put off, cancelled."""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.model_studies import StudyOrder
from annotator.domain.roles import Role
from annotator.models import ModelStudy, Notice
from annotator.selectors import model_studies
from annotator.services import (
    claims,
    fitting,
    making_way,
    rating,
    snapshotting,
    study_pairs,
    studying,
)
from tests import factories, judges
from tests.annotator.services import study_cast
from tests.annotator.services.study_cast import ask, carried_out, done, filled, tuned
from tests.world import wait_for
from training.evaluation.judges.judge import Judgement
from training.services import following
from training.services import runs as training_runs

pytestmark = [pytest.mark.django_db, pytest.mark.process]
State = ModelStudy.State


@pytest.fixture(autouse=True)
def without_models(monkeypatch):
    study_cast.use(monkeypatch)


@pytest.fixture
def project():
    return filled()


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


def test_a_study_waits_is_carried_out_once_and_tells_who_asked(project, ada):
    study = ask(project, ada)
    waiting = studying.to_carry_out()

    document = done(study)
    studying.carry_out(study.pk)  # a second delivery of the message

    assert waiting == [study.pk]
    assert studying.to_carry_out() == []
    assert (study.done, study.total, study.is_whole) == (5, 5, True)
    assert len(tuned(study)) == 5
    rates = {(r["one"], r["other"]) for r in document["report"]["win_rates"]}
    assert ("revised", "raw") in rates
    assert ("revised", "reference") in rates
    notice = Notice.objects.get(person=ada)
    assert notice.about == Notice.About.MODEL_STUDY
    assert study.seconds > 0


def test_its_papers_let_it_be_recounted(project, ada):
    study = ask(project, ada)

    manifest = done(study)["manifest"]

    found = study_pairs.material(project)
    assert manifest["pairs"] == {"raw": len(found.pairs), "revised": len(found.pairs)}
    assert manifest["held_out"] == len(found.held_out) >= study_pairs.LEAST_ITEMS
    assert manifest["order"]["base_model"]
    assert manifest["judge"]["version"]
    assert len(manifest["datasets_sha256"]["raw"]) == 64


def test_answers_are_shown_side_by_side(project, ada):
    sample = done(ask(project, ada))["samples"][0]

    said = {answer["arm"]: answer["response"] for answer in sample["answers"]}
    assert set(said) == {"base", "raw", "revised"}
    assert said["revised"].startswith("<b>revised</b> says")
    assert sample["reference"].startswith("The word number")


def test_whole_answers_of_every_arm_are_kept_for_raters(project, ada):
    study = study_cast.ask(project, ada)
    document = study_cast.done(study)

    kept = study.for_raters
    assert len(kept) == 2 * document["report"]["items"]
    for each in kept:
        assert set(each["answers"]) == {"base", "raw", "revised"}
        assert each["answers"]["raw"].startswith("<b>raw</b> says")
    assert len({(each["item"], each["seed"]) for each in kept}) == len(kept)
    assert {each["seed"] for each in kept[: len(kept) // 2]} == {1, 2}


class ByCharacters(judges.LengthJudge):
    """A point for each 20 characters of the response."""

    def _rate(self, pair):
        return Judgement(rating=min(5, len(pair.response) / 20))


class ByFewCharacters(judges.LengthJudge):
    """The other way round."""

    name = "short"

    def _rate(self, pair):
        return Judgement(rating=max(0, 5 - len(pair.response) / 20))


def test_every_judge_of_the_order_has_its_figures_and_is_laid_beside_the_others(
    project, ada, monkeypatch
):
    known = {"length": ByCharacters, "short": ByFewCharacters}
    monkeypatch.setattr(rating, "known", lambda: known)

    report = done(ask(project, ada, judges=["length", "short"]))["report"]

    assert report["judge"]["name"] == "length"
    [beside] = report["beside"]
    assert beside["judge"]["name"] == "short"
    rated = {arm["arm"]: arm["rating"]["value"] for arm in report["arms"]}
    other = {arm["arm"]: arm["rating"]["value"] for arm in beside["arms"]}
    assert rated["revised"] > rated["raw"]
    assert other["revised"] < other["raw"]
    [two] = report["agreement"]
    assert two["judges"] == ["length", "short"]
    spearman = next(row for row in two["ratings"] if row["name"] == "Spearman")
    assert spearman["value"] < -0.9
    assert spearman["low"] <= spearman["value"] <= spearman["high"]
    assert {row["value"] for row in two["preferences"]} == {None}
    unanswered = sum(row["unanswered"] for row in report["win_rates"])
    assert report["problems"] == {"no": unanswered}


def test_a_judge_that_cannot_be_asked_is_refused(project, ada):
    with pytest.raises(Invalid, match="judges: there is no endpoint; there is embed"):
        ask(project, ada, judges=["endpoint"])


def test_a_study_whose_judge_falls_silent_keeps_its_models_and_goes_on(
    project, ada, monkeypatch
):
    judges.use(monkeypatch)
    monkeypatch.setattr(judges.LengthJudge, "prefer", judges.falls_silent)
    study = carried_out(ask(project, ada, judges=["length"]))
    assert (study.state, study.problem) == (State.FAILED, "No answer from the server.")
    monkeypatch.undo()
    study_cast.use(monkeypatch)
    judges.use(monkeypatch)
    before = tuned(study)

    studying.resume(study=study, actor=ada)
    done(study)

    assert tuned(study) == before


def test_only_an_admin_asks_cancels_resumes_and_deletes(project, ada):
    lena = factories.make_member(project, Role.LEAD, "lena")
    study = ask(project, ada)

    with pytest.raises(NotAllowed):
        ask(project, lena)
    for deed in (studying.cancel, studying.resume, studying.delete):
        with pytest.raises(NotAllowed):
            deed(study=study, actor=lena)


def test_a_model_that_cannot_learn_whole_here_is_refused(project, ada, monkeypatch):
    too_much = fitting.Fit(10**12, "To tune it whole needs at least 1000.0 GB.")
    monkeypatch.setattr(fitting, "fit_whole", lambda name: too_much)

    assert ask(project, ada).order.tuning == "lora"
    with pytest.raises(Invalid, match=r"1000\.0 GB"):
        ask(project, ada, tuning="full")


def test_a_study_of_whole_models_says_so_to_its_process(project, ada):
    study = ask(project, ada, tuning="full")

    done(study)

    laid = json.loads((studying.folder_of(study) / "study.json").read_text())
    assert laid["tuning"] == "full"


def test_a_base_model_that_the_settings_do_not_name_is_refused(project, ada):
    with pytest.raises(Invalid, match="COACHLM_BASE_MODELS"):
        ask(project, ada, base_model="someone/else")


def test_a_process_that_is_killed_fails_the_study_which_goes_on_where_it_was(
    project, ada, monkeypatch
):
    monkeypatch.setenv("STUDY_DIES", "2")
    study = carried_out(ask(project, ada))
    assert study.state == State.FAILED
    assert "killed by signal 9" in study.problem
    before = tuned(study)

    studying.resume(study=study, actor=ada)
    done(study)

    assert before == ["base-1", "raw-1"]
    assert tuned(study) == ["base-1", "raw-1", "revised-1", "raw-2", "revised-2"]


def test_why_the_process_failed_is_told_in_its_own_words(project, ada, monkeypatch):
    monkeypatch.setenv("STUDY_DIES", "0")
    monkeypatch.setenv("STUDY_SAYS", "raw-1 ended with code 1: no space left")

    study = carried_out(ask(project, ada))

    assert "raw-1 ended with code 1: no space left" in study.problem


def test_who_dies_is_followed_by_another_and_takes_the_process_with_it(
    project, ada, monkeypatch
):
    monkeypatch.setenv("STUDY_WAITS", "3")
    study = ask(project, ada)
    real = making_way.Listener._hear

    def hear(each):
        if (studying.folder_of(study) / "waited").exists():
            raise KeyboardInterrupt
        return real(each)

    with monkeypatch.context() as patch:
        patch.setattr(making_way.Listener, "_hear", hear)
        with pytest.raises(KeyboardInterrupt):
            studying.carry_out(study.pk)
    pid = int((studying.folder_of(study) / "waited").read_text())
    is_free_at_once = studying.to_carry_out()
    died = timezone.now() - timedelta(seconds=claims.SILENT_SECONDS + 1)
    ModelStudy.objects.filter(pk=study.pk).update(heard_at=died)

    done(study)

    assert is_free_at_once == []
    assert not is_alive(pid)
    assert len(tuned(study)) == len(set(tuned(study))) == 5


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_process_ends_with_the_worker_that_holds_its_leash(
    project, ada, monkeypatch
):
    """As after kill -9 of the worker: nobody stops the process but its input's end."""
    monkeypatch.setenv("STUDY_WAITS", "1")
    study = ask(project, ada)
    monkeypatch.setattr(following, "_stop", lambda process, **_: process.stdin.close())

    def hear(each):
        return not (studying.folder_of(study) / "waited").exists()

    monkeypatch.setattr(making_way.Listener, "_hear", hear)

    studying.carry_out(study.pk)

    pid = int((studying.folder_of(study) / "waited").read_text())
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == 9


def test_three_workers_that_die_on_one_model_end_it(project, ada):
    study = ask(project, ada)
    ModelStudy.objects.filter(pk=study.pk).update(tries=claims.MOST_TRIES)

    carried_out(study)

    assert study.state == State.FAILED
    assert "Three workers died on it" in study.problem


def test_a_model_that_is_done_gives_new_tries(project, ada):
    study = ask(project, ada)
    ModelStudy.objects.filter(pk=study.pk).update(tries=claims.MOST_TRIES - 1)

    done(study)

    assert study.tries == 0


def test_a_study_waits_while_a_run_trains_and_says_so(project, ada):
    study = ask(project, ada)
    run = queued_run(project, ada)

    carried_out(study)

    assert study.state == State.WAITING
    assert studying.to_carry_out() == []
    assert model_studies.waits_for(study) == run
    training_runs.cancel(run=run)
    assert studying.to_carry_out() == [study.pk]
    assert model_studies.waits_for(study) is None


def queued_run(project, ada):
    plan = snapshotting.plan_for(project)
    return snapshotting.start_run(project=project, actor=ada, plan=plan)


@pytest.mark.django_db(transaction=True)
def test_a_study_makes_way_for_a_run_and_goes_on_after_it(monkeypatch):
    project = filled()
    ada = factories.make_member(project, Role.ADMIN, "ada")
    monkeypatch.setenv("STUDY_WAITS", "2")
    study = ask(project, ada)
    worker = in_a_thread(study)
    wait_for(lambda: (studying.folder_of(study) / "waited").exists(), 20)

    run = queued_run(project, ada)
    worker.join(20)

    study.refresh_from_db()
    assert (study.state, study.done, study.worker) == (State.WAITING, 2, None)
    training_runs.cancel(run=run)
    done(study)
    assert len(tuned(study)) == 5


@pytest.mark.django_db(transaction=True)
def test_a_cancel_stops_the_process_and_what_is_done_is_kept(monkeypatch):
    project = filled()
    ada = factories.make_member(project, Role.ADMIN, "ada")
    monkeypatch.setenv("STUDY_WAITS", "2")
    study = ask(project, ada)
    worker = in_a_thread(study)
    waited = studying.folder_of(study) / "waited"
    wait_for(lambda: waited.exists() and waited.read_text(), 20)

    studying.cancel(study=study, actor=ada)
    worker.join(20)

    assert not worker.is_alive()
    assert not is_alive(int(waited.read_text()))
    study.refresh_from_db()
    assert study.state == State.CANCELLED
    studying.resume(study=study, actor=ada)
    done(study)
    assert len(tuned(study)) == 5


def in_a_thread(study):
    def work():
        try:
            studying.carry_out(study.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    return worker


def test_minutes_that_are_over_leave_what_is_there(project, ada, monkeypatch):
    study = ask(project, ada, minutes=5)
    folder = studying.folder_of(study)
    done(study)
    ModelStudy.objects.filter(pk=study.pk).update(
        state=State.WAITING, seconds=301, done=3
    )
    (folder / "tuned.txt").unlink()

    carried_out(study)

    assert study.state == State.DONE
    assert not (folder / "tuned.txt").exists()  # no process was begun
    ModelStudy.objects.filter(pk=study.pk).update(done=3)
    studying.resume(study=study, actor=ada)
    study.refresh_from_db()
    assert study.granted == 11


def test_a_study_that_is_whole_has_nothing_left_to_do(project, ada):
    study = ask(project, ada)
    done(study)

    with pytest.raises(Invalid, match="All its models have answered"):
        studying.resume(study=study, actor=ada)


def test_a_deleted_study_takes_its_folder_along_when_the_next_one_starts(project, ada):
    first = ask(project, ada)
    done(first)
    folder = studying.folder_of(first)
    studying.delete(study=first, actor=ada)

    done(ask(project, ada))

    assert not folder.exists()


def test_the_estimate_is_read_off_the_newest_study_of_the_same_model(project, ada):
    order = StudyOrder.from_dict({"seeds": [1], "seen": 100})
    assert model_studies.estimate(order, "x").minutes is None
    study = ask(project, ada)
    done(study)
    # 4 models of 8 examples, and 5 of them answer.
    items = study.document["report"]["items"]
    ModelStudy.objects.filter(pk=study.pk).update(seconds=2.0 * (32 + 5 * items))

    found = model_studies.estimate(order, study.order.base_model)

    assert (found.models, found.examples, found.of) == (2, 200, study.pk)
    assert found.minutes == pytest.approx(2.0 * (200 + 3 * items) / 60)
    assert model_studies.estimate(order, "another").minutes is None
