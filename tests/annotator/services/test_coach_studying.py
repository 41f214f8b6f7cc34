"""A study of coaches is a job of the training worker, and no cell is made twice."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import CoachCell, CoachStudy, Notice
from annotator.services import claims, coach_studying, making_way, snapshotting
from tests import coach_studies, factories
from tests.coach_studies import ask, carried_out, done

pytestmark = [pytest.mark.django_db, pytest.mark.process]
State = CoachStudy.State


@pytest.fixture(autouse=True)
def without_models(monkeypatch, settings):
    coach_studies.use(monkeypatch, settings)


@pytest.fixture
def project():
    return coach_studies.filled()


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


def made(study):
    """Cells that its process made."""
    path = coach_studying.folder_of(study) / "progress.jsonl"
    return path.read_text().count('"kind": "cell"') if path.exists() else 0


def test_a_study_waits_is_carried_out_once_and_tells_who_asked(project, ada):
    study = ask(project, ada)
    waiting = coach_studying.to_carry_out()

    document = done(study)
    coach_studying.carry_out(study.pk)  # a second delivery of the message

    assert waiting == [study.pk]
    assert coach_studying.to_carry_out() == []
    assert (study.done, study.total, study.is_whole, study.is_resumable) == (
        *(2, 2, True),
        False,
    )
    assert document["points"] == ["10", "40"]
    assert document["manifest"]["order"]["kind"] == "size"
    assert document["manifest"]["held_out"] >= 6
    assert CoachCell.objects.filter(project=project).count() == 2
    assert Notice.objects.get(person=ada).about == Notice.About.COACH_STUDY
    assert study.seconds > 0


def test_another_study_takes_over_what_was_measured(project, ada):
    done(ask(project, ada))

    second = ask(project, ada, values=["10", "20", "40"])
    document = done(second)

    assert made(second) == 1
    assert document["missing"] == []
    assert CoachCell.objects.count() == 3


def test_it_stops_within_its_minutes_says_what_is_missing_and_goes_on(
    project, ada, monkeypatch
):
    done(ask(project, ada, values=["10", "20"]))
    study = ask(project, ada, values=["10", "40"], minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(making_way, "minutes_left", lambda job: 0.001)
        document = done(study)

    assert document["missing"] == ["40·1"]  # the other one was known
    assert (study.done, study.is_resumable) == (1, True)
    coach_studying.resume(study=study, actor=ada)
    assert done(study)["missing"] == []
    assert study.granted == 2


def test_minutes_that_are_over_before_the_first_coach_say_so(project, ada, monkeypatch):
    monkeypatch.setattr(making_way, "minutes_left", lambda job: 0.0)

    study = carried_out(ask(project, ada, minutes=1))

    assert study.state == State.FAILED
    assert "over before any coach was measured" in study.problem
    assert study.is_resumable


def test_a_recipe_that_fails_fails_the_study_in_its_words(
    project, ada, settings, monkeypatch
):
    settings.TRAINING_RECIPE = "tests.dying_recipe"
    monkeypatch.setenv("DIES", "told")

    study = carried_out(ask(project, ada))

    assert study.state == State.FAILED
    assert "The loss became nan at step 2" in study.problem
    assert Notice.objects.get(person=ada).said["state"] == "failed"


def test_who_falls_silent_is_followed_and_three_deaths_end_it(project, ada):
    study = ask(project, ada)
    long_ago = timezone.now() - timedelta(seconds=claims.SILENT_SECONDS + 1)
    CoachStudy.objects.update(state=State.WORKING, heard_at=long_ago, tries=2)

    assert coach_studying.to_carry_out() == [study.pk]
    done(study)
    CoachStudy.objects.update(
        state=State.WORKING, heard_at=long_ago, tries=claims.MOST_TRIES
    )
    carried_out(study)

    assert study.state == State.FAILED
    assert "Three workers died" in study.problem


def test_training_goes_first(project, ada):
    study = ask(project, ada)
    plan = snapshotting.plan_for(project)
    snapshotting.start_run(project=project, actor=ada, plan=plan)

    coach_studying.carry_out(study.pk)

    study.refresh_from_db()
    assert coach_studying.to_carry_out() == []
    assert study.state == State.WAITING


def test_a_training_run_that_comes_takes_the_machine_and_nothing_is_lost(
    project, ada, monkeypatch
):
    study = ask(project, ada)
    monkeypatch.setattr(making_way, "first_wanted_run", _from_the_third_time())

    carried_out(study)

    assert (study.state, study.worker, study.tries) == (State.WAITING, None, 0)
    monkeypatch.undo()


def _from_the_third_time():
    asked = iter([None, None])
    return lambda: next(asked, object())


def test_it_is_cancelled_while_it_waits_and_deleted(project, ada):
    study = ask(project, ada)
    with pytest.raises(Invalid, match="cancel it first"):
        coach_studying.delete(study=study, actor=ada)

    coach_studying.cancel(study=study, actor=ada)

    study.refresh_from_db()
    assert study.state == State.CANCELLED
    with pytest.raises(Invalid, match="Nothing is done"):
        coach_studying.cancel(study=study, actor=ada)
    coach_studying.delete(study=study, actor=ada)
    assert not CoachStudy.objects.exists()


def test_a_folder_goes_with_its_study(project, ada):
    study = ask(project, ada)
    done(study)
    folder = coach_studying.folder_of(study)
    coach_studying.delete(study=study, actor=ada)

    done(ask(project, ada))

    assert not folder.exists()


def test_pairs_that_are_accepted_meanwhile_make_no_other_study(project, ada):
    study = ask(project, ada, values=["10", "20"])
    CoachStudy.objects.update(granted=1)
    done(study)
    before = [cell["digest"] for cell in study.document["cells"]]
    more = factories.rows(180, revised=True)[130:]
    factories.import_rows(project, more)
    CoachStudy.objects.update(state=State.CANCELLED)
    study.refresh_from_db()

    coach_studying.resume(study=study, actor=ada)
    done(study)

    assert [cell["digest"] for cell in study.document["cells"]] == before


def test_only_an_admin_asks_cancels_resumes_and_deletes(project, ada):
    lena = factories.make_member(project, Role.LEAD, "lena")
    study = ask(project, ada)

    with pytest.raises(NotAllowed):
        ask(project, lena)
    for deed in (coach_studying.cancel, coach_studying.resume, coach_studying.delete):
        with pytest.raises(NotAllowed):
            deed(study=study, actor=lena)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "colour"}, "kind must be one of alpha, size"),
        ({"values": ["10", "9999"]}, "got 9999"),
        ({"seeds": [1, 1]}, "seeds must be 1 to 10 different"),
        ({"seeds": [-1]}, "seeds must be from 0"),
        ({"measured": 4}, "measured must be from 5 to 500"),
        ({"minutes": 0}, "minutes must be from 1"),
        ({"base_model": "someone/else"}, "COACHLM_BASE_MODELS"),
        ({"kind": "category", "values": []}, "needs two slices"),
        ({"colour": 1}, "unknown: colour"),
    ],
)
def test_an_order_that_cannot_be_says_what_is_wrong(project, ada, given, said):
    with pytest.raises((Invalid, ValueError), match=said):
        ask(project, ada, **given)


def test_too_few_pairs_are_refused_with_their_number():
    few = factories.make_project()
    ada = factories.make_member(few, Role.ADMIN, "ada")

    with pytest.raises(Invalid, match="There are 0 pairs to learn from"):
        ask(few, ada)


def test_the_command_studies_a_file_and_goes_on_in_its_folder(tmp_path):
    file = tmp_path / "revisions.json"
    file.write_text(json.dumps(factories.rows(130, revised=True)))
    told = {"file": file, "values": "10,20", "seeds": [1], "measured": 5}

    def study(**more):
        out = io.StringIO()
        folder = tmp_path / "study"
        call_command("study", "size", folder, stdout=out, **{**told, **more})
        return out.getvalue()

    none, whole = study(minutes=0.0), study()
    wider = study(values="10,20,40")

    assert "0 of 2 coaches are measured" in none
    assert "2 of 2 coaches are measured" in whole
    assert "effort saved (share of raw edit distance)" in whole
    assert "3 of 3 coaches are measured" in wider
    progress = (tmp_path / "study" / "progress.jsonl").read_text()
    assert progress.count('"kind": "cell"') == 3
    with pytest.raises(CommandError, match="got 9999"):
        study(values="10,9999")
    with pytest.raises(CommandError, match="There is no project nobody"):
        call_command("study", "size", tmp_path / "other", project="nobody")
