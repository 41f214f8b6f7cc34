"""Each deed that moves a pair can be taken back while it is fresh, and leaves no trace
but its history."""

from __future__ import annotations

import pytest

from annotator.domain.errors import NotAllowed, TooLate
from annotator.domain.roles import Role
from annotator.domain.states import PairState, SkipPolicy, Stage
from annotator.models import (
    AuditEvent,
    BulkAcceptance,
    Draft,
    Fix,
    Lease,
    Pair,
    Review,
    Ruling,
    Skip,
    User,
    Verdict,
)
from annotator.selectors import history, undoable
from annotator.services import (
    adjudicating,
    autosaving,
    bulk_accepting,
    excluding,
    giving_back,
    handing_out,
    quality,
    queueing,
    reviewing,
    skipping,
    undoing,
)
from annotator.services.tallies import recounting
from revision_engine.types import PairText
from tests import factories
from training.models import Snapshot, SnapshotItem

pytestmark = pytest.mark.django_db
MINE = PairText(instruction="Explain it.", response="All that I typed today.")


@pytest.fixture(autouse=True)
def settled(settings):
    """Quality control may begin at once; a deed is fresh only where a test says so."""
    settings.UNDO_SECONDS = 0


@pytest.fixture
def project():
    return factories.make_drafted(4)


@pytest.fixture
def undo(project, settings):
    """What the note on the desk does: the person's newest deed."""

    def undo(person):
        settings.UNDO_SECONDS = 30
        newest = undoable.newest(person, project)
        assert newest
        undone = undoing.undo(project=project, deed=newest.deed, person=person)
        settings.UNDO_SECONDS = 0
        return undone

    return undo


def who(lease):
    return {"token": lease.token, "person": lease.holder}


def held(pair):
    return Lease.objects.get(pair=pair, ended_at=None)


def test_a_submit_comes_back_with_its_text(project, anna, undo):
    lease = factories.claim(project, anna)
    reviewing.submit(**who(lease), text=MINE)

    undone = undo(anna)

    assert undone.pair == lease.pair
    assert lease.pair.autosaves.get(used_at=None).text == MINE
    assert held(lease.pair).draft == lease.draft
    assert not Review.objects.standing().exists()
    assert recounting.recount(project) == []


def test_an_exclusion_comes_back(project, anna, undo):
    lease = factories.claim(project, anna)
    excluding.exclude(**who(lease), reason="safety", note="No.")

    undo(anna)

    pair = Pair.objects.get(pk=lease.pair_id)
    assert (pair.state, pair.exclusion_reason) == (PairState.IN_REVIEW, "")
    assert held(pair).draft == lease.draft
    assert recounting.recount(project) == []


def test_the_second_persons_exclusion_comes_back_as_the_second_text(
    project, anna, undo
):
    project.overlap_share = 1
    project.save()
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    first = factories.review(project, anna)
    lease = factories.claim(project, ben)
    assert lease.pair == first.pair
    excluding.exclude(**who(lease), reason="safety")

    undo(ben)

    assert Pair.objects.get(pk=lease.pair_id).first_author == anna


@pytest.mark.parametrize("policy", list(SkipPolicy))
def test_a_skip_comes_back_and_its_note_stays_in_the_history(
    project, anna, undo, policy
):
    project.skip_policy = policy
    project.save()
    lease = factories.claim(project, anna)
    autosaving.keep_text(**who(lease), text=MINE, base_revision=0)
    skipping.skip(**who(lease), reason="unclear", note="What is meant?")

    undo(anna)

    assert held(lease.pair).holder == anna
    assert not Skip.objects.exists()
    assert lease.pair.autosaves.get(used_at=None).text == MINE
    notes = [entry.note for entry in history.timeline(lease.pair)]
    assert any("What is meant?" in note for note in notes)


def test_a_skipped_pair_that_another_has_taken_stays_skipped(project, anna, settings):
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    lease = factories.claim(project, anna)
    skipping.skip(**who(lease), reason="unclear")
    deed = AuditEvent.objects.get(action="skipped").deed
    assert factories.claim(project, ben).pair == lease.pair
    settings.UNDO_SECONDS = 30

    assert undoable.newest(anna, project) is None
    with pytest.raises(TooLate):
        undoing.undo(project=project, deed=deed, person=anna)


@pytest.mark.parametrize("stage", list(Stage))
def test_giving_back_comes_back(project, anna, rosa, undo, stage):
    if stage == Stage.QUALITY:
        factories.review(project, anna)
    person = rosa if stage == Stage.QUALITY else anna
    lease = factories.claim(project, person, stage)
    giving_back.give_back(**who(lease), stage=stage)

    undone = undo(person)

    assert undone.desk == stage
    assert (held(lease.pair).stage, held(lease.pair).draft) == (stage, lease.draft)


def test_an_acceptance_comes_back(project, anna, rosa, undo):
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.accept(**who(lease), note="Well done.")

    undone = undo(rosa)

    assert (undone.verdict.note, undone.verdict.reasons) == ("Well done.", [])
    assert held(lease.pair).stage == Stage.QUALITY
    assert not Verdict.objects.exists()
    assert recounting.recount(project) == []


def test_a_fix_comes_back_into_the_editor(project, anna, rosa, undo):
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.fix_and_accept(**who(lease), text=MINE)

    undo(rosa)

    assert lease.pair.autosaves.get(used_at=None, author=rosa).text == MINE
    assert not Fix.objects.exists()


def test_what_was_sent_back_comes_back_with_reasons_and_note(project, anna, rosa, undo):
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(
        **who(lease), reason="style", also=["unsafe"], note="Shorter.", text=MINE
    )

    undone = undo(rosa)

    assert undone.verdict.note == "Shorter."
    assert undone.verdict.reasons == ["style", "unsafe"]
    assert lease.pair.autosaves.get(used_at=None, author=rosa).text == MINE
    pair = Pair.objects.get(pk=lease.pair_id)
    assert (pair.state, pair.reserved_for) == (PairState.IN_QUALITY, None)
    assert recounting.recount(project) == []


def test_what_its_author_has_begun_to_mend_stays_sent_back(
    project, anna, rosa, settings
):
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(**who(lease), reason="style")
    assert factories.claim(project, anna).pair == lease.pair
    settings.UNDO_SECONDS = 30

    assert undoable.newest(rosa, project) is None


def test_a_verdict_that_a_coach_learns_from_stays(project, anna, rosa, settings):
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    verdict = quality.accept(**who(lease))
    settings.UNDO_SECONDS = 30
    deed = undoable.newest(rosa, project).deed
    SnapshotItem.objects.create(
        snapshot=Snapshot.objects.create(scope=project.scope, offered=1),
        source_id=f"review:{verdict.review_id}",
        distance=1,
    )

    with pytest.raises(TooLate, match="used already"):
        undoing.undo(project=project, deed=deed, person=rosa)

    assert Verdict.objects.get() == verdict


def test_a_pair_that_was_exported_stays_accepted(project, anna, rosa, lena, settings):
    factories.review(project, anna)
    quality.accept(**who(factories.claim(project, rosa, Stage.QUALITY)))
    list(handing_out.jsonl(project=project, actor=lena))
    settings.UNDO_SECONDS = 30

    assert undoable.newest(rosa, project) is None


def test_a_bulk_comes_back_but_for_what_has_moved_on(
    project, anna, rosa, lena, undo, settings
):
    for _ in range(4):
        factories.review(project, anna)
    Draft.objects.update(mean_logprob=-0.1)
    bulk_accepting.accept(project=project, actor=lena, threshold=-0.5, audit_share=0.25)
    taken = Pair.objects.in_state(PairState.ACCEPTED)
    handing_out.mark([taken.first().pk], lena)
    count = taken.count()

    undone = undo(lena)

    assert undone.count == count - 1
    assert Pair.objects.in_state(PairState.ACCEPTED).count() == 1
    assert Verdict.objects.count() == 1
    assert not Review.objects.filter(audit_of__isnull=False).exists()
    assert BulkAcceptance.objects.get().undone_at
    assert recounting.recount(project) == []


@pytest.mark.parametrize("choice", list(Ruling.Choice))
def test_a_choice_between_two_texts_comes_back(project, anna, lena, undo, choice):
    project.overlap_share, project.overlap_similarity = 1, 1
    project.save()
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    first = factories.review(project, anna)
    second = factories.review(project, ben, MINE)
    assert first.pair == second.pair
    third = PairText(instruction="Third.", response="The lead's own text.")
    adjudicating.rule(
        pair=first.pair, actor=lena, choice=choice, reason="both_fine", text=third
    )

    undone = undo(lena)

    pair = Pair.objects.get(pk=first.pair_id)
    assert (undone.desk, pair.state) == ("adjudication", PairState.DISPUTED)
    assert Review.objects.standing().get() == first
    assert not Ruling.objects.exists()
    if choice == Ruling.Choice.THIRD:
        assert pair.autosaves.get(author=lena).text == third
    again = adjudicating.rule(
        pair=pair, actor=lena, choice="second", reason="both_fine"
    )
    assert again.choice == "second"
    assert recounting.recount(project) == []


def test_the_pair_in_hand_is_laid_down_with_its_text(project, anna, undo):
    first = factories.claim(project, anna)
    skipping.skip(**who(first), reason="unclear")
    second = factories.claim(project, anna)
    autosaving.keep_text(**who(second), text=MINE, base_revision=0)

    undo(anna)

    waiting = Pair.objects.get(pk=second.pair_id)
    assert held(first.pair).holder == anna
    assert (waiting.state, waiting.reserved_for) == (PairState.READY, anna)


def test_a_deed_is_taken_back_once(project, anna, settings):
    factories.review(project, anna)
    settings.UNDO_SECONDS = 30
    deed = undoable.newest(anna, project).deed
    undoing.undo(project=project, deed=deed, person=anna)

    with pytest.raises(TooLate):
        undoing.undo(project=project, deed=deed, person=anna)


def test_nobody_takes_back_what_another_did(project, anna, rosa, settings):
    factories.review(project, anna)
    settings.UNDO_SECONDS = 30
    deed = undoable.newest(anna, project).deed

    with pytest.raises(TooLate):
        undoing.undo(project=project, deed=deed, person=rosa)


def test_who_may_not_annotate_any_more_takes_nothing_back(project, anna, settings):
    factories.review(project, anna)
    settings.UNDO_SECONDS = 30
    deed = undoable.newest(anna, project).deed
    anna.memberships.all().delete()
    now = User.objects.get(pk=anna.pk)

    with pytest.raises(NotAllowed):
        undoing.undo(project=project, deed=deed, person=now)


def test_after_the_while_it_is_too_late(project, anna):
    factories.review(project, anna)
    deed = AuditEvent.objects.get(action="submitted").deed

    assert undoable.newest(anna, project) is None
    with pytest.raises(TooLate):
        undoing.undo(project=project, deed=deed, person=anna)


def test_every_deed_is_offered_under_its_own_desk():
    assert set(undoable.DEEDS.values()) == set(undoable.Desk)
    assert queueing.STAGES.keys() == set(Stage)
