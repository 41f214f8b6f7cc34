"""Personal data in the turns before a pair is masked, told, and put back."""

from __future__ import annotations

import pytest

from annotator.domain.states import PairState
from annotator.formats.rules.outcomes import Beside
from annotator.formats.rules.personal import MaskPersonalData
from annotator.formats.rules.turn_texts import texts_of, with_texts
from annotator.models import Pair, RuleChange, RuleRun
from annotator.selectors import history
from annotator.services import putting_back, running_rules, trying_rules
from revision_engine.types import PairText
from tests import factories
from tests.annotator.services.rule_cast import only, run

pytestmark = pytest.mark.django_db
ANNA, BODO = "anna@firma.de", "bodo@firma.de"
TURNS = [
    {"role": "system", "content": f"You write for {BODO}."},
    {"role": "user", "content": "Who am I?", "name": ANNA},
    {"role": "assistant", "content": f"You are {ANNA}.", "tool_calls": [
        {"id": "7", "function": {"name": "find", "arguments": f'{{"to": "{BODO}"}}'}}]},
]  # fmt: skip
MASKED = [
    {"role": "system", "content": "You write for [EMAIL_2]."},
    {"role": "user", "content": "Who am I?", "name": "[EMAIL]"},
    {"role": "assistant", "content": "You are [EMAIL].", "tool_calls": [
        {"id": "7", "function": {"name": "find", "arguments": '{"to": "[EMAIL_2]"}'}}]},
]  # fmt: skip


@pytest.fixture
def project():
    project = factories.make_project()
    last = [
        {"role": "user", "content": f"Write to {ANNA}."},
        {"role": "assistant", "content": "Dear Anna."},
    ]
    factories.import_rows(project, [{"messages": [*TURNS, *last]}])
    only(project, "personal")
    return project


def test_one_value_has_one_mask_in_the_pair_and_before_it(project):
    before = Pair.objects.get()
    assert before.context == TURNS

    job = run(project)

    pair = Pair.objects.get()
    assert (pair.instruction, pair.response) == ("Write to [EMAIL].", "Dear Anna.")
    assert pair.context == MASKED
    assert pair.fingerprint != before.fingerprint
    assert pair.state == PairState.QUEUED
    assert job.changed == 1
    fields = set(RuleChange.objects.values_list("field", flat=True))
    assert fields == {"instruction", "context"}
    told = [each for each in history.timeline(pair) if each.kind == "rule"]
    shown = "".join(
        hunk.before for each in told for diff in each.diffs for hunk in diff.hunks
    )
    assert ANNA in shown
    assert BODO in shown


def test_turns_alone_are_masked_and_the_texts_stay():
    rule = MaskPersonalData()
    pair = PairText(instruction="Hello.", response="Hello.")

    found = rule.check_all(pair, Beside(context=[{"role": "user", "content": ANNA}]))

    assert found.text == pair
    assert found.context == ({"role": "user", "content": "[EMAIL]"},)
    assert found.tags == ("email",)
    nameless = Beside(context=[{"role": ANNA, "content": "Hi."}])
    assert rule.check_all(pair, nameless).is_empty


def test_a_run_is_put_back_to_the_letter(project):
    before = Pair.objects.values("instruction", "context", "fingerprint").get()
    job = run(project)

    RuleRun.objects.filter(pk=job.pk).update(
        state="undoing", phase="undo", after=0, done=0, heard_at=None
    )
    running_rules.run(job.pk)

    assert Pair.objects.values("instruction", "context", "fingerprint").get() == before


def test_a_pair_is_put_back_by_hand_and_spared_then(project, lead_of):
    before = Pair.objects.values("instruction", "context", "fingerprint").get()
    run(project)

    putting_back.put_back(pair=Pair.objects.get(), actor=lead_of(project))
    run(project)

    assert Pair.objects.values("instruction", "context", "fingerprint").get() == before


def test_turns_that_are_others_by_now_stay(project):
    job = run(project)
    Pair.objects.update(context=[{"role": "user", "content": "Another one."}])

    RuleRun.objects.filter(pk=job.pk).update(
        state="undoing", phase="undo", after=0, done=0, heard_at=None
    )
    running_rules.run(job.pk)

    job.refresh_from_db()
    assert (job.put_back, job.left) == (0, 1)
    assert Pair.objects.get().instruction == "Write to [EMAIL]."


def test_a_trial_shows_it_and_stores_nothing(project):
    trial = trying_rules.try_out(project=project, actor=None)

    ((pair, treated),) = trial.found
    assert list(treated.beside.context) == MASKED
    assert pair.context == TURNS
    assert Pair.objects.get().context == TURNS


def test_texts_go_back_to_their_places():
    texts = texts_of(TURNS)

    assert with_texts(TURNS, texts) == TURNS
    assert len(texts) == 7
    assert "system" not in texts


@pytest.fixture
def lead_of():
    from annotator.domain.roles import Role

    return lambda project: factories.make_member(project, Role.LEAD, "lena")
