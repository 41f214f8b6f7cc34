"""Rules alter raw texts, and each is put back to the letter."""

from __future__ import annotations

import pytest

from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import (
    AuditEvent,
    Pair,
    PairTag,
    RuleChange,
    RuleProposal,
    RuleRun,
)
from annotator.services import (
    arranging_rules,
    drafting,
    putting_back,
    redrafting,
    running_rules,
    taking_out,
)
from revision_engine.types import DraftResult
from tests import factories
from tests.annotator.services.rule_cast import (
    DIRTY,
    counts,
    make,
    only,
    row,
    run,
    texts,
)
from training.examples import fingerprint
from training.services import registry as coaches

pytestmark = pytest.mark.django_db


def test_a_fix_alters_the_text_and_is_written_down():
    project = make(DIRTY, "Name a river.")
    only(project, "normalise", "personal")

    job = run(project)

    pair = Pair.objects.get(row=1)
    assert pair.instruction == "Write to [EMAIL] about the river, please."
    assert pair.fingerprint == fingerprint(pair.text)
    assert texts(project)[1] == "Name a river."
    assert [(c.rule, c.old, c.new) for c in pair.rule_changes.all()] == [
        ("normalise", DIRTY, DIRTY.strip()),
        ("personal", DIRTY.strip(), pair.instruction),
    ]
    assert pair.events.filter(action=Action.TEXT_ALTERED).count() == 1
    assert counts(job, "personal") == (1, 1, 1, 0)
    assert (job.done, job.changed, job.total) == (2, 1, 2)


def test_what_is_right_is_not_written_at_all():
    project = make("क्\u200dष क्या है?", "天空为什么是蓝色的？", "Name it.")
    for rule in arranging_rules.listed(project):
        rule.settings, rule.is_on = {}, True
        rule.save()
    before = list(Pair.objects.order_by("pk").values())

    run(project)

    assert list(Pair.objects.order_by("pk").values()) == before
    assert not RuleChange.objects.exists()
    assert not RuleProposal.objects.exists()


def test_a_second_run_changes_nothing_more():
    project = make(DIRTY)
    only(project, "normalise", "personal")
    run(project)
    once = Pair.objects.values().get()

    job = run(project)

    assert Pair.objects.values().get() == once
    assert job.changed == 0


def test_a_run_is_put_back_to_the_letter():
    project = make(DIRTY, "x" * 390 + " bo@firma.de", "Name a river.")
    lead = only(project, "normalise", "personal")
    before = list(Pair.objects.order_by("pk").values())
    job = run(project)

    running_rules.undo(run=job, actor=lead)
    running_rules.run(job.pk)

    job.refresh_from_db()
    assert job.state == RuleRun.State.UNDONE
    assert (job.put_back, job.left) == (2, 0)
    assert list(Pair.objects.order_by("pk").values()) == before
    assert not PairTag.objects.exists()


def test_the_number_in_a_stratum_goes_and_comes_with_the_band():
    long = "Ring +49 30 901820 and +49 30 901821. " * 30
    project = make(long, "Name a river.")
    lead = only(project, "personal")
    before = Pair.objects.get(row=1)

    job = run(project)

    after = Pair.objects.get(row=1)
    assert after.length_band != before.length_band
    assert after.dealt_as is None
    assert after.arm == before.arm
    running_rules.undo(run=job, actor=lead)
    running_rules.run(job.pk)
    assert Pair.objects.get(row=1).dealt_as == before.dealt_as


def test_a_pair_is_put_back_alone_and_then_spared():
    project = make(DIRTY, "Mail bo@firma.de.")
    lead = only(project, "personal")
    run(project)

    putting_back.put_back(pair=Pair.objects.get(row=1), actor=lead)

    assert texts(project) == [DIRTY, "Mail [EMAIL]."]
    event = AuditEvent.objects.get(action=Action.TEXT_PUT_BACK)
    assert event.actor == lead
    run(project)
    assert texts(project)[0] == DIRTY
    with pytest.raises(Invalid, match="No rule"):
        putting_back.put_back(pair=Pair.objects.get(row=1), actor=lead)


def test_a_pair_that_somebody_has_opened_keeps_its_text():
    project = factories.make_drafted(2)
    Pair.objects.update(instruction=DIRTY)
    lead = only(project, "personal")
    lease = factories.claim(project, factories.make_member(project, Role.ANNOTATOR))

    job = run(project)

    lease.pair.refresh_from_db()
    assert lease.pair.instruction == DIRTY
    assert job.done == 1
    running_rules.undo(run=job, actor=lead)


def test_what_was_touched_since_is_left_when_a_run_is_put_back():
    project = make(DIRTY, "Mail bo@firma.de.")
    lead = only(project, "personal")
    job = run(project)
    Pair.objects.filter(row=1).update(opened=True)

    running_rules.undo(run=job, actor=lead)
    running_rules.run(job.pk)

    job.refresh_from_db()
    assert (job.put_back, job.left) == (1, 1)
    assert texts(project) == [
        "Write to [EMAIL] about the river, please. ",
        "Mail bo@firma.de.",
    ]


def test_a_draft_of_the_old_text_goes_and_never_comes_back():
    project = factories.make_project()
    first = factories.make_coach(project)
    factories.import_rows(project, [row(DIRTY)])
    factories.draft_all(project)
    only(project, "personal")

    run(project)

    pair = Pair.objects.get()
    assert (pair.state, pair.draft, pair.draft_coach) == (PairState.QUEUED, None, None)
    factories.make_coach(project, "second coach")
    factories.draft_all(project)
    coaches.promote(coach=first, actor=None)
    assert redrafting.take_up_kept(project, first) == 0
    pair.refresh_from_db()
    assert "firma" not in pair.draft.instruction


def test_a_pair_that_is_being_drafted_is_passed_over_and_counted():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, [row(DIRTY)])
    batch = drafting.take_batch(project)
    only(project, "personal")

    job = run(project)

    assert job.busy == 1
    assert texts(project) == [DIRTY]
    results = [DraftResult(key=r.key, text=r.text) for r in batch.requests]
    drafting.store(coach_id=batch.coach.pk, results=results)
    assert run(project).busy == 0
    assert "[EMAIL]" in texts(project)[0]


def test_one_that_would_become_anothers_twin_keeps_its_text_and_is_proposed():
    project = make("Write to [EMAIL].", "Write to a@firma.de.", "Write to b@firma.de.")
    only(project, "personal")

    job = run(project)

    assert texts(project)[1:] == ["Write to a@firma.de.", "Write to b@firma.de."]
    first = Pair.objects.get(row=1)
    proposals = RuleProposal.objects.order_by("pk")
    assert [p.pair.row for p in proposals] == [2, 3]
    assert f"pair {first.pk}" in proposals[0].sentence
    assert counts(job, "personal") == (2, 0, 2, 2)


def test_two_that_would_become_alike_in_one_chunk_do_not_both():
    project = make("Write to a@firma.de.", "Write to b@firma.de.")
    only(project, "personal")

    run(project)

    assert texts(project) == ["Write to [EMAIL].", "Write to b@firma.de."]


def test_a_batch_with_altered_pairs_can_be_taken_out_again():
    project = make(DIRTY, "Say bomb.")
    lead = only(project, "personal", "safety", words=["bomb"])
    only(project, "personal")
    run(project)
    batch = project.batches.get()

    taking_out.take_out(batch=batch, actor=lead)

    assert not Pair.objects.exists()
    assert not RuleChange.objects.exists()


def test_the_old_text_may_be_imported_again_and_then_stays_there():
    project = make(DIRTY)
    lead = only(project, "personal")
    job = run(project)

    batch = factories.import_rows(project, [row(DIRTY)])

    assert batch.imported == 1
    running_rules.undo(run=job, actor=lead)
    running_rules.run(job.pk)
    job.refresh_from_db()
    assert (job.put_back, job.left) == (0, 1)
    with pytest.raises(Invalid, match="has that text"):
        putting_back.put_back(pair=Pair.objects.get(batch__lt=batch), actor=lead)


def test_the_same_text_after_other_turns_is_no_twin():
    """A pair is known by the turns before it, too."""
    turns = [
        {"role": "user", "content": "Of which river?"},
        {"role": "assistant", "content": "Of the Rhine."},
    ]
    project = factories.make_project()
    answer = "It is long."
    chat = [
        *turns,
        {"role": "user", "content": DIRTY},
        {"role": "assistant", "content": answer},
    ]
    factories.import_rows(
        project, [{"messages": chat}, {"instruction": DIRTY, "output": answer}]
    )
    only(project, "normalise")

    job = run(project)

    assert job.changed == 2
    first, second = Pair.objects.order_by("row")
    assert first.instruction == second.instruction == DIRTY.strip()
    assert first.fingerprint == fingerprint(first.text, first.context)
    assert second.fingerprint == fingerprint(second.text)
