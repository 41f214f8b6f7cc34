"""Rules run as a job over pairs that nobody has touched, and leads decide."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain.actions import Action
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.formats.rules.outcomes import NOTHING, Outcome
from annotator.models import (
    AuditEvent,
    Pair,
    PairTag,
    ProjectRule,
    RuleChange,
    RuleProposal,
    RuleRun,
)
from annotator.services import (
    arranging_rules,
    proposing,
    running_rules,
    screening,
    treating,
    trying_rules,
)
from tests import factories
from tests.annotator.services.rule_cast import (
    DIRTY,
    counts,
    make,
    only,
    run,
    texts,
)

pytestmark = pytest.mark.django_db


def test_a_lead_takes_and_leaves_proposals():
    project = make("Say bomb.", "Say bomb twice.", "Say river.")
    lead = only(project, "safety", words=["bomb"])
    run(project)
    first, second = proposing.waiting(project)

    assert proposing.take(project=project, actor=lead, ids=[first.pk]) == 1
    assert proposing.leave(project=project, actor=lead) == 1

    states = factories.states(project)
    assert states == [PairState.EXCLUDED, PairState.QUEUED, PairState.QUEUED]
    pair = Pair.objects.get(row=1)
    assert pair.exclusion_reason == "safety"
    assert "“bomb”" in pair.exclusion_note
    assert pair.events.get(action=Action.PROPOSAL_TAKEN).note == pair.exclusion_note
    run(project)
    assert not proposing.waiting(project).exists()  # what was left is left
    with pytest.raises(Invalid, match="decided"):
        proposing.take(project=project, actor=lead, ids=[second.pk])


def test_a_proposal_for_a_pair_that_was_opened_comes_too_late():
    project = make("Say bomb.")
    lead = only(project, "safety", words=["bomb"])
    run(project)
    Pair.objects.update(opened=True)

    assert proposing.take(project=project, actor=lead) == 0

    assert RuleProposal.objects.get().outcome == "late"
    assert factories.states(project) == [PairState.QUEUED]


def test_at_once_a_pair_is_excluded_and_can_be_overruled_for_good():
    project = make("Say bomb.", "Say bomb twice.")
    lead = only(project, "safety", way="at_once", words=["bomb"])

    job = run(project)

    assert set(factories.states(project)) == {PairState.EXCLUDED}
    screening.overrule(pair=Pair.objects.get(row=1), actor=lead)
    run(project)
    assert factories.states(project) == [PairState.QUEUED, PairState.EXCLUDED]
    running_rules.undo(run=job, actor=lead)
    running_rules.run(job.pk)
    assert set(factories.states(project)) == {PairState.QUEUED}
    assert AuditEvent.objects.filter(action=Action.RULE_WITHDRAWN).count() == 1


def test_a_tag_is_found_by_its_name_and_made_anew_by_each_run():
    project = make("Say bomb.", "Say river.")
    only(project, "safety", way="tag", words=["bomb"])
    run(project)
    assert [(t.pair.row, t.name) for t in PairTag.objects.order_by("name")] == [
        (1, "safety"),
    ]

    only(project, "safety", way="tag", words=["river"])
    run(project)

    assert [t.pair.row for t in PairTag.objects.all()] == [2]
    assert factories.states(project) == [PairState.QUEUED] * 2


def test_the_same_and_the_alike_are_proposed_once_the_later_one():
    near = "Please explain to a child of seven, in three plain sentences that it can "
    near += "repeat to its friends in the school yard, why the sky above us is {}."
    project = make(
        "Name a river.", "name a RIVER", near.format("blue"), near.format("blue now"),
        "Name a lake.",
    )  # fmt: skip
    only(project, "same", "alike")

    job = run(project)

    found = RuleProposal.objects.order_by("pair__row")
    assert [(p.pair.row, p.rule) for p in found] == [(2, "same"), (4, "alike")]
    assert counts(job, "same") == (1, 0, 0, 1)
    assert job.phase == RuleRun.Phase.COMPARE


def test_of_two_that_are_the_same_the_touched_one_stays():
    project = make("Name a river.", "name a RIVER")
    only(project, "same")
    Pair.objects.filter(row=2).update(opened=True)

    run(project)

    assert RuleProposal.objects.get().pair.row == 1


def test_a_killed_runner_is_followed_behind_its_last_chunk(monkeypatch):
    monkeypatch.setattr(treating, "CHUNK", 2)
    project = make(*(f"Mail p{n}@firma.de number {n}." for n in range(5)))
    only(project, "personal", "same")
    job = running_rules.start(project=project, actor=None)

    def die(run):
        if run.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running_rules.run(job.pk, tell=die)
    assert running_rules.to_run() == []
    RuleRun.objects.update(heard_at=timezone.now() - timedelta(minutes=3))
    assert running_rules.to_run() == [job.pk]

    running_rules.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.changed, job.after) == ("done", 5, Pair.objects.last().pk)
    assert RuleChange.objects.count() == 5
    assert counts(job, "personal") == (5, 5, 5, 0)


def test_a_runner_whose_run_is_anothers_stores_nothing(monkeypatch):
    monkeypatch.setattr(treating, "CHUNK", 1)
    project = make("Mail a@firma.de 1.", "Mail a@firma.de 2.")
    only(project, "personal")
    job = running_rules.start(project=project, actor=None)

    running_rules.run(
        job.pk, tell=lambda _: RuleRun.objects.update(runner=uuid.uuid4())
    )

    assert texts(project) == ["Mail [EMAIL] 1.", "Mail a@firma.de 2."]
    job.refresh_from_db()
    assert job.state == RuleRun.State.RUNNING


def test_a_run_is_cancelled_between_chunks_and_goes_on(monkeypatch):
    monkeypatch.setattr(treating, "CHUNK", 1)
    project = make("Mail a@firma.de 1.", "Mail a@firma.de 2.")
    lead = only(project, "personal")
    job = running_rules.start(project=project, actor=lead)

    def stop(run):
        if run.done == 1:
            running_rules.cancel(run=run, actor=lead)

    running_rules.run(job.pk, tell=stop)

    job.refresh_from_db()
    assert (job.state, job.changed) == ("cancelled", 1)
    running_rules.resume(run=job, actor=lead)
    running_rules.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", 2)


class Breaks:
    key = "normalise"

    def check(self, pair):
        if "two" in pair.instruction:
            raise ValueError("broken")
        return NOTHING if "!" in pair.instruction else Outcome(tags=("seen",))


def test_a_rule_that_fails_ends_the_run_with_its_name_and_the_pair(monkeypatch):
    project = make("Say one.", "Say two.")
    only(project, "normalise")
    monkeypatch.setattr(arranging_rules, "made", lambda _: [Breaks()])
    job = running_rules.start(project=project, actor=None)

    running_rules.run(job.pk)

    job.refresh_from_db()
    assert job.state == RuleRun.State.FAILED
    assert "normalise" in job.problem
    assert f"pair {Pair.objects.get(row=2).pk}" in job.problem
    assert not PairTag.objects.exists()


def test_one_run_at_a_time():
    project = make("Say it.")
    lead = only(project, "normalise")
    job = running_rules.start(project=project, actor=lead)

    with pytest.raises(Invalid, match="running"):
        running_rules.start(project=project, actor=lead)
    with pytest.raises(Invalid, match="under way"):
        running_rules.undo(run=job, actor=lead)
    running_rules.cancel(run=job, actor=lead)
    running_rules.start(project=project, actor=lead)


def test_only_leads_run_rules():
    project = make("Say it.")
    annotator = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        running_rules.start(project=project, actor=annotator)
    with pytest.raises(NotAllowed):
        trying_rules.try_out(project=project, actor=annotator)
    with pytest.raises(NotAllowed):
        proposing.take(project=project, actor=annotator)


def test_a_trial_stores_nothing():
    project = make(DIRTY, "Name a river.")
    lead = only(project, "personal", "normalise")

    trial = trying_rules.try_out(project=project, actor=lead)

    assert trial.read == 2
    ((_, treated),) = trial.found
    assert treated.text.instruction.endswith("[EMAIL] about the river, please.")
    assert trial.counts == {"personal": 1, "normalise": 1}
    assert texts(project)[0] == DIRTY
    assert not RuleRun.objects.exists()


def test_the_list_is_put_in_order_and_set():
    project = make("Say it.", language="zh-Hans")
    lead = factories.make_member(project, Role.LEAD)
    keys = [rule.key for rule in arranging_rules.listed(project)]
    assert keys[-2:] == ["same", "alike"]
    by_key = {rule.key: rule for rule in arranging_rules.listed(project)}
    assert by_key["personal"].settings == {"phone_regions": ["CN"]}
    assert by_key["language"].settings == {"wanted": ["zh"]}

    arranging_rules.move(project=project, actor=lead, key="personal", up=True)
    arranging_rules.move(project=project, actor=lead, key="personal", up=True)
    arranging_rules.set_up(
        project=project, actor=lead, key="length", way="tag",
        settings={"most_tokens": 100, "least_response": 1},
    )  # fmt: skip

    assert [r.key for r in arranging_rules.listed(project)][:2] == [
        "personal",
        "normalise",
    ]
    length = ProjectRule.objects.get(project=project, key="length")
    assert (length.way, length.settings) == ("tag", {"most_tokens": 100})
    with pytest.raises(Invalid, match="behind all others"):
        arranging_rules.move(project=project, actor=lead, key="same", up=True)
    with pytest.raises(Invalid, match="most_tokens"):
        arranging_rules.set_up(
            project=project, actor=lead, key="length", way="tag",
            settings={"most_tokens": -1},
        )  # fmt: skip
