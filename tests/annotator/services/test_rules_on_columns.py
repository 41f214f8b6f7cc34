"""Personal data in a file's other columns, and around a chat, is masked, told, and
put back."""

from __future__ import annotations

import pytest

from annotator.domain.actions import Action
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.formats.rules.applying import treat
from annotator.formats.rules.besides import altered, texts_of
from annotator.formats.rules.outcomes import NOTHING, Beside
from annotator.formats.rules.personal import MaskPersonalData
from annotator.models import Pair, RuleChange, RuleRun
from annotator.selectors import history
from annotator.services import (
    putting_back,
    running_rules,
    treating,
    trying_rules,
)
from revision_engine.types import PairText
from tests import factories
from tests.annotator.services.rule_cast import counts, only, run

pytestmark = pytest.mark.django_db
ANNA, BODO = "anna@firma.de", "bodo@firma.de"
COLUMNS = {
    "author": BODO,
    "role": ANNA,
    "log": [{"from": ANNA, "at": 7, "to": [BODO, None]}],
    "score": 0.5,
    "note": "nothing\0odd",
}
MASKED = {
    "author": "[EMAIL_2]",
    "role": "[EMAIL]",
    "log": [{"from": "[EMAIL]", "at": 7, "to": ["[EMAIL_2]", None]}],
    "score": 0.5,
    "note": "nothing\0odd",
}
ROW = {"id": 7, "instruction": f"Write to {ANNA}.", "output": "Dear Anna.", **COLUMNS}
QUIET = {"instruction": "Write.", "output": "Dear all.", "author": ANNA}
PAIR = PairText(instruction="a", response="b")
KEPT = ("instruction", "extra", "shape", "fingerprint")


def make(*rows):
    project = factories.make_project()
    factories.import_rows(project, list(rows))
    only(project, "personal")
    return project


def undo(job):
    RuleRun.objects.filter(pk=job.pk).update(
        state="undoing", phase="undo", after=0, done=0, heard_at=None
    )
    running_rules.run(job.pk)
    job.refresh_from_db()


def test_one_value_has_one_mask_in_the_pair_and_in_all_columns():
    project = make(ROW)

    job = run(project)

    pair = Pair.objects.get()
    assert pair.instruction == "Write to [EMAIL]."
    assert pair.extra == {"id": 7, **MASKED}
    assert list(pair.extra) == ["id", *COLUMNS]
    assert counts(job, "personal") == (1, 1, 1, 0)
    told = [each for each in history.timeline(pair) if each.kind == "rule"]
    shown = "".join(
        hunk.before for each in told for diff in each.diffs for hunk in diff.hunks
    )
    assert ANNA in shown
    assert BODO in shown


def test_what_an_export_reads_holds_none_of_it():
    project = make(ROW, QUIET)

    run(project)

    for pair in Pair.objects.all():
        assert "firma.de" not in str(vars(pair))


def test_a_pair_of_which_only_columns_are_altered_keeps_its_draft():
    project = make(QUIET)
    factories.make_coach(project)
    factories.draft_all(project)
    before = Pair.objects.get()
    assert before.draft_id

    run(project)

    pair = Pair.objects.get()
    assert pair.extra == {"author": "[EMAIL]"}
    assert (pair.state, pair.draft_id) == (PairState.READY, before.draft_id)
    assert pair.fingerprint == before.fingerprint
    assert pair.events.filter(action=Action.TEXT_ALTERED).count() == 1
    assert history.altered(pair) == history.Altered(is_any=True, text_at=None)


def test_a_run_is_put_back_to_the_letter():
    project = make(ROW, QUIET)
    before = list(Pair.objects.order_by("pk").values(*KEPT))
    job = run(project)
    assert list(Pair.objects.order_by("pk").values(*KEPT)) != before

    undo(job)

    assert list(Pair.objects.order_by("pk").values(*KEPT)) == before
    assert (job.put_back, job.left) == (2, 0)


def test_a_pair_is_put_back_by_hand_and_spared_then():
    project = make(QUIET)
    before = Pair.objects.values(*KEPT).get()
    run(project)

    lead = factories.make_member(project, Role.LEAD, "lena")
    putting_back.put_back(pair=Pair.objects.get(), actor=lead)
    run(project)

    assert Pair.objects.values(*KEPT).get() == before


def test_columns_that_are_others_by_now_stay():
    project = make(QUIET)
    job = run(project)
    Pair.objects.update(extra={"author": "somebody else"})

    undo(job)

    assert (job.put_back, job.left) == (0, 1)
    assert Pair.objects.get().extra == {"author": "somebody else"}


def test_a_trial_shows_it_and_stores_nothing():
    project = make(QUIET)

    trial = trying_rules.try_out(project=project, actor=None)

    ((pair, treated),) = trial.found
    assert treated.altered == {"extra": {"author": "[EMAIL]"}}
    assert pair.extra == Pair.objects.get().extra == {"author": ANNA}


def test_what_was_said_around_a_chat_is_masked_too():
    turns = [
        {"role": "user", "content": "Who is there?", "name": ANNA},
        {"role": "assistant", "content": "Anna.", "signed": BODO},
        {"role": "user", "content": f"Thanks, {BODO}."},
    ]
    project = make({"messages": turns})

    run(project)

    pair = Pair.objects.get()
    assert pair.shape["user"] == {"name": "[EMAIL]"}
    assert pair.shape["assistant"] == {"signed": "[EMAIL_2]"}
    assert pair.shape["after"] == [{"role": "user", "content": "Thanks, [EMAIL_2]."}]
    assert set(RuleChange.objects.values_list("field", flat=True)) == {"shape"}
    assert pair.shape["columns"] == {"conversation": "messages"}


def test_an_id_and_a_category_are_left():
    beside = Beside(extra={"id": [ANNA], "category": [BODO], "more": "nothing"})

    found = MaskPersonalData().check_all(PAIR, beside)

    assert found == NOTHING
    assert texts_of(beside) == ["nothing"]


def test_without_other_texts_nothing_is_altered():
    beside = Beside(context=[{"role": "user", "content": "x"}], extra=COLUMNS)

    assert altered(beside, texts_of(beside)) == {}


def test_a_rule_that_reads_turns_only_is_asked_as_before():
    class Counts:
        key = "counts"

        def check(self, pair):
            raise AssertionError("there are turns")

        def check_with(self, pair, context):
            assert context == [{"role": "user", "content": "x"}]
            return NOTHING

    turns = [{"role": "user", "content": "x"}]

    done = treat([Counts()], PAIR, Beside(context=turns))

    assert not done.is_changed


def test_pairs_with_very_long_columns_come_in_small_chunks(monkeypatch):
    monkeypatch.setattr(treating, "MAX_BYTES", 1_000)
    monkeypatch.setattr(putting_back, "MAX_BYTES", 1_000)
    rows = [
        {**QUIET, "instruction": f"Write {n}.", "log": f"{ANNA} {'x' * 600}"}
        for n in range(5)
    ]
    project = make(*rows)
    job = running_rules.start(project=project, actor=None)
    steps = []

    running_rules.run(job.pk, lambda job: steps.append(job.done))
    job.refresh_from_db()

    assert [n for n in steps if n <= 5][:4] == [2, 4, 5, 5]
    assert job.changed == 5
    undo(job)
    assert job.put_back == 5
    assert all(ANNA in pair.extra["log"] for pair in Pair.objects.all())
