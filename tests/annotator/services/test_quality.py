"""Quality control: accept, mend, send back; who may, what is kept, what counts."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotator.domain.errors import Invalid, LeaseLost, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import Autosave, Fix, KeptText, Lease, Membership, Verdict
from annotator.selectors import accepted, history, returns
from annotator.services import (
    autosaving,
    giving_back,
    handing_out,
    quality,
    queueing,
    snapshotting,
)
from annotator.web.pairs import history_words
from revision_engine.types import PairText
from tests import factories
from training.examples import edit_distance

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(4)


def mended(text: PairText) -> PairText:
    return PairText(
        instruction=text.instruction,
        input=text.input,
        response=text.response + " Rosa added this.",
    )


def judge(project, rosa) -> Lease:
    lease = quality.claim(project=project, person=rosa)
    assert lease is not None
    return lease


def fix(project, rosa, review, note: str = "") -> Verdict:
    return quality.fix_and_accept(
        token=judge(project, rosa).token,
        person=rosa,
        text=mended(review.text),
        note=note,
    )


def test_a_fix_is_what_counts_from_then_on(project, anna, rosa):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    review = factories.review(project, anna)

    verdict = fix(project, rosa, review)

    stored = Fix.objects.get()
    text = mended(review.text)
    assert (verdict.accepted, verdict.kind) == (True, "judged")
    assert stored.text == text
    assert stored.distance == len(" Rosa added this.")
    assert stored.distance_raw == edit_distance(review.pair.text, text)
    [example] = snapshotting.accepted_examples(project)
    assert (example.revised, example.fixed) == (text, True)
    assert example.distance == stored.distance_raw
    [row] = handing_out.accepted_rows(project=project, actor=ada)
    assert row["output"] == text.response
    assert row["provenance"]["judged_by"] == "rosa"
    assert row["provenance"]["distance_review_fix"] == stored.distance
    review.refresh_from_db()
    assert review.text != text  # the author's own copy is never changed
    assert review.outcome == text


def test_a_fix_weighs_more_in_the_selection_of_fixes(project, anna, rosa):
    review = factories.review(project, anna)
    fix(project, rosa, review)
    factories.review(project, anna)
    quality.accept(token=judge(project, rosa).token, person=rosa)

    plan = snapshotting.plan_for(project, selection="fixes", fix_weight=4)
    chosen = plan.selection.choose(list(snapshotting.accepted_examples(project)))

    assert sorted(example.weight for example in chosen) == [1, 4]


@pytest.mark.parametrize(
    ("control", "count"),
    [("at_once", 1), ("fixed", 1), ("unseen", 1), ("corrected", 0), ("", 3)],
)
def test_the_query_tells_fixed_and_unseen_ones_apart(
    project, anna, rosa, control, count
):
    fix(project, rosa, factories.review(project, anna))
    unseen = factories.review(project, anna)
    Verdict.objects.create(review=unseen, accepted=True, kind=Verdict.Kind.UNSAMPLED)
    plain = factories.review(project, anna)
    Verdict.objects.create(review=plain, accepted=True, judge=rosa)

    query = accepted.ReviewQuery(control=control)

    assert accepted.reviews(project, query).count() == count


def test_the_same_text_is_a_plain_accept(project, anna, rosa):
    review = factories.review(project, anna)
    lease = judge(project, rosa)

    quality.fix_and_accept(token=lease.token, person=rosa, text=review.text)

    assert not Fix.objects.exists()
    assert review.pair.events.filter(action="accepted").exists()


def test_a_verdict_given_twice_is_one(project, anna, rosa):
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    sent = {"token": lease.token, "person": rosa, "text": mended(review.text)}

    first = quality.fix_and_accept(**sent)
    again = quality.fix_and_accept(**sent)

    assert first == again
    assert Fix.objects.count() == 1


def test_a_refused_fix_is_kept(project, anna, rosa):
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    empty = PairText(instruction=review.instruction, input="", response=" ")

    with pytest.raises(Invalid, match="response is empty"):
        quality.fix_and_accept(token=lease.token, person=rosa, text=empty)

    assert Autosave.objects.get(author=rosa).text == empty


def test_a_fix_after_the_hold_has_ended_is_kept_and_the_pair_waits_for_it(
    project, anna, rosa
):
    ron = factories.make_member(project, Role.REVIEWER, "ron")
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    typed = mended(review.text)
    autosaving.keep_text(token=lease.token, person=rosa, text=typed)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    queueing.release_expired()

    with pytest.raises(LeaseLost):
        quality.fix_and_accept(token=lease.token, person=rosa, text=typed)

    assert Autosave.objects.get(author=rosa).text == typed
    assert quality.claim(project=project, person=ron) is None
    assert judge(project, rosa).pair_id == review.pair_id


def test_text_typed_before_an_accept_or_a_review_stays_on_record(project, anna, rosa):
    lease = factories.claim(project, rosa)  # as an annotator
    autosaving.keep_text(token=lease.token, person=rosa, text=mended(lease.pair.text))
    giving_back.give_back(token=lease.token, person=rosa, stage=Stage.REVIEW)
    review = factories.review(project, anna)
    assert review.pair_id == lease.pair_id

    held = judge(project, rosa)
    before = list(KeptText.objects.values_list("why", flat=True))
    quality.accept(token=held.token, person=rosa, typed=mended(review.text))

    assert before == ["typed before the review came"]
    assert KeptText.objects.count() == 2
    assert not Autosave.objects.filter(author=rosa, used_at=None).exists()
    assert Verdict.objects.get().accepted


def test_a_return_carries_reasons_note_and_remarks(project, anna, rosa):
    review = factories.review(project, anna)

    verdict = quality.send_back(
        token=judge(project, rosa).token,
        person=rosa,
        reason="style",
        also=["incorrect", "style"],
        note="See the last sentence.",
        text=mended(review.text),
    )

    found = returns.newest(review.pair)
    assert found is not None
    assert verdict.reason == "style"
    assert found.reasons == ["style", "incorrect"]
    assert [remark.name for remark in found.remarks] == ["response"]
    # remarks are no fix: nothing is accepted, and the author's text stands
    assert review.outcome == review.text
    assert not list(snapshotting.accepted_examples(project))


@pytest.mark.parametrize("reasons", [[""], ["boring"], ["style", "boring"]])
def test_a_return_needs_known_reasons_and_loses_no_remarks(
    project, anna, rosa, reasons
):
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    typed = mended(review.text)

    with pytest.raises(Invalid, match="Choose a reason"):
        quality.send_back(
            token=lease.token,
            person=rosa,
            reason=reasons[0],
            also=reasons[1:],
            text=typed,
        )

    assert Autosave.objects.get(author=rosa).text == typed


def test_after_the_projects_days_anyone_may_take_a_returned_pair(project, anna, rosa):
    project.return_days = 2
    project.save()
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    pair = review.pair
    pair.refresh_from_db()

    assert pair.reserved_for == anna
    waits = pair.reserved_until - timezone.now()
    assert timedelta(days=1, hours=23) < waits <= timedelta(days=2)
    pair.reserved_until = timezone.now() - timedelta(seconds=1)
    pair.save()
    assert factories.claim(project, ben).pair_id == pair.pk


def test_annotators_never_judge_and_nobody_their_own(project, anna, rosa):
    review = factories.review(project, anna)
    lease = judge(project, rosa)
    Membership.objects.filter(user=rosa).update(role=Role.ANNOTATOR)
    rosa.roles_read.clear()
    with pytest.raises(NotAllowed):
        quality.fix_and_accept(token=lease.token, person=rosa, text=mended(review.text))
    with pytest.raises(NotAllowed):
        quality.claim(project=project, person=anna)

    assert Autosave.objects.get(author=rosa).text == mended(review.text)
    assert not Verdict.objects.exists()


def test_who_wrote_an_earlier_review_never_judges_the_pair(project, rosa):
    lia = factories.make_member(project, Role.LEAD, "lia")
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    review = factories.review(project, lia)
    lease = judge(project, rosa)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    review.pair.refresh_from_db()
    review.pair.reserved_for = None
    review.pair.save()
    queueing.claim_again(pair=review.pair, person=anna)
    factories.review(project, anna)

    assert quality.claim(project=project, person=lia) is None


def test_an_undone_submit_is_not_judged(project, anna, rosa, settings):
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna)
    assert quality.claim(project=project, person=rosa) is None

    factories.take_back(review)

    assert factories.states(project)[0] == PairState.IN_REVIEW


def test_the_history_shows_what_the_reviewer_made_of_the_text(project, anna, rosa):
    review = factories.review(project, anna)
    fix(project, rosa, review, note="Watch the end.")

    told = history_words.entries(history.timeline(review.pair))

    [verdict] = [entry for entry in told if entry["kind"] == "verdict"]
    assert verdict["title"] == "mended the review and accepted it"
    assert verdict["details"] == ["17 characters changed"]
    assert verdict["note"] == "Watch the end."
    [diff] = verdict["diffs"]
    assert "".join(h.after for h in diff["hunks"]).endswith("Rosa added this.")


def test_an_unknown_token_is_nobodys(rosa):
    with pytest.raises(LeaseLost):
        quality.accept(token=uuid4(), person=rosa)
