"""A draft that would hardly save work is held back, and is somewhere all the same."""

from __future__ import annotations

import pytest

from annotator.domain.effort import Decision
from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Draft, Pair
from annotator.selectors import coaching
from annotator.services import candidates, drafting, quality, redrafting, refitting
from revision_engine.postprocess import Problem
from revision_engine.types import DraftResult
from tests import estimates, factories
from training.models import HelpEstimate
from training.selectors import active_coach, help_estimate, trusted_estimate
from training.services import estimating

pytestmark = pytest.mark.django_db

SURE, UNSURE = estimates.SURE, estimates.UNSURE


@pytest.fixture
def project():
    project = factories.make_project(quiet_below=0.5, quality_mode="all")
    factories.make_coach(project)
    return project


@pytest.fixture(autouse=True)
def none_is_shown_anyway(monkeypatch):
    monkeypatch.setattr("annotator.services.holding_back.SHOWN_ANYWAY", 0.0)


def draft(project, *logprobs, better=factories.better):
    """Draft as many pairs, each as surely as given; the pairs in order."""
    factories.import_rows(project, factories.rows(len(logprobs)))
    batch = drafting.take_batch(project)
    drafting.store(
        coach_id=batch.coach.pk,
        results=[
            DraftResult(key=r.key, text=better(r.text), mean_logprob=sure)
            for r, sure in zip(batch.requests, logprobs, strict=True)
        ],
    )
    return list(Pair.objects.filter(project=project).order_by("pk"))


def test_a_draft_that_hardly_helps_is_held_back_behind_the_raw_pair(project):
    estimates.give(active_coach(project.scope))

    sure, unsure = draft(project, SURE, UNSURE)

    assert sure.draft.text == factories.better(sure.text)
    assert sure.draft.helpfulness > 0.8
    assert sure.draft.held_back is None
    assert unsure.state == PairState.READY
    assert unsure.draft.problem == Problem.NOT_HELPFUL
    assert unsure.draft.text == unsure.text
    assert unsure.draft.helpfulness < 0.2
    assert unsure.draft.held_back.text == factories.better(unsure.text)
    assert unsure.draft.held_back.problem == ""


def test_without_an_estimate_every_draft_is_shown(project):
    (pair,) = draft(project, UNSURE)
    assert pair.draft.text == factories.better(pair.text)
    assert pair.draft.helpfulness is None


def test_an_estimate_that_knows_no_better_than_chance_holds_nothing_back(project):
    estimates.give(active_coach(project.scope), auc_low=0.49)
    (pair,) = draft(project, UNSURE)
    assert pair.draft.problem == ""


def test_the_project_says_from_where_on(project):
    project.quiet_below = 0.0
    project.save()
    estimates.give(active_coach(project.scope))

    (pair,) = draft(project, UNSURE)

    assert pair.draft.problem == ""
    assert pair.draft.helpfulness < 0.2


def test_some_pairs_are_shown_theirs_all_the_same(project, monkeypatch):
    monkeypatch.setattr("annotator.services.holding_back.SHOWN_ANYWAY", 1.0)
    estimates.give(active_coach(project.scope))

    (pair,) = draft(project, UNSURE)

    assert pair.draft.problem == ""
    assert pair.draft.helpfulness < 0.2


def test_an_unchanged_draft_stays_what_it_is(project):
    estimates.give(active_coach(project.scope))
    (pair,) = draft(project, UNSURE, better=lambda text: text)
    assert pair.draft.problem == ""
    assert pair.draft.helpfulness is None


def test_what_is_held_back_counts_once(project):
    coach = active_coach(project.scope)
    estimates.give(coach)
    draft(project, SURE, UNSURE, UNSURE)

    board = coaching.board(project)

    assert board.written == 3
    assert board.refused == {"not_helpful": 2}
    assert board.coaches[0].drafts == 3
    assert Draft.objects.count() == 5


def test_a_review_of_it_is_one_from_the_raw_pair(project):
    estimates.give(active_coach(project.scope))
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    draft(project, UNSURE)
    lease = factories.claim(project, anna)

    review = factories.review(project, anna, lease.pair.text)

    assert review.decision == Decision.ACCEPTED
    assert review.distance_raw_draft == 0


def test_what_is_held_back_is_never_taken_up_as_an_earlier_draft(project):
    coach = active_coach(project.scope)
    estimates.give(coach)
    draft(project, UNSURE)
    second = factories.make_coach(project, "second coach")
    Pair.objects.update(draft_coach=second.pk)

    assert redrafting.take_up_kept(project, coach) == 0


def finished(project, logprobs, *, helps):
    """Drafts that people accepted as they were, or undid, by how sure the coach was."""
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    for _ in draft(project, *logprobs):
        lease = factories.claim(project, anna)
        done = lease.draft.text if helps(lease.draft) else lease.pair.text
        factories.review(project, anna, done)
        judged = quality.claim(project=project, person=rosa)
        quality.accept(token=judged.token, person=rosa)


def test_it_learns_from_accepted_reviews(project, monkeypatch):
    monkeypatch.setattr("training.evaluation.helpfulness.FEWEST", 30)
    coach = active_coach(project.scope)
    finished(
        project, [SURE, UNSURE] * 16, helps=lambda draft: draft.mean_logprob == SURE
    )

    assert refitting.refit_all() == 1

    row = help_estimate(coach)
    assert (row.reviews, row.held_out) == (32, 0)
    estimate = trusted_estimate(coach)
    assert estimate.helped == 16
    assert estimate.auc == 1.0
    assert refitting.refit_all() == 0, "nothing has come since"


def test_unusable_drafts_are_no_news_however_many(project, monkeypatch):
    monkeypatch.setattr("annotator.services.refitting.FRESH", 1)
    estimates.give(active_coach(project.scope))
    finished(project, [SURE], helps=lambda draft: True)
    Draft.objects.update(problem="loop")

    assert refitting.refit_all() == 0


def test_too_few_reviews_fit_nothing(project):
    finished(project, [SURE] * 3, helps=lambda draft: True)
    assert refitting.refit_all() == 0
    assert not HelpEstimate.objects.exists()


def test_of_a_draft_that_was_held_back_what_was_written_is_judged(project, monkeypatch):
    monkeypatch.setattr("annotator.services.refitting.FRESH", 1)
    given = []
    monkeypatch.setattr(estimating, "refit", lambda coach, judged: given.extend(judged))
    estimates.give(active_coach(project.scope))
    finished(project, [UNSURE], helps=lambda draft: False)

    refitting.refit_all()

    [judged] = given
    assert judged.features, "what was written changes the pair"
    assert judged.distance_raw == 0
    assert not judged.helps


def held_back(project):
    estimates.give(active_coach(project.scope))
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    draft(project, UNSURE)
    return factories.claim(project, anna), anna


def test_who_asks_sees_what_was_held_back_and_may_go_on_from_it(project):
    lease, anna = held_back(project)

    candidate = candidates.show_held_back(token=lease.token, person=anna)
    again = candidates.show_held_back(token=lease.token, person=anna)

    assert candidate == again
    assert candidate.draft == lease.draft.held_back
    chosen = candidates.choose(
        token=lease.token, person=anna, draft_id=candidate.draft_id
    )
    assert chosen.draft.text == factories.better(lease.pair.text)
    review = factories.review(project, anna)
    assert review.draft == candidate.draft
    assert review.decision == Decision.ACCEPTED


def test_where_nothing_is_held_back_that_is_said(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    draft(project, SURE)
    lease = factories.claim(project, anna)
    with pytest.raises(Invalid, match="held back"):
        candidates.show_held_back(token=lease.token, person=anna)


def test_who_chose_it_has_a_review_to_learn_from(project, monkeypatch):
    monkeypatch.setattr("annotator.services.refitting.FRESH", 1)
    given = []
    monkeypatch.setattr(estimating, "refit", lambda coach, judged: given.extend(judged))
    lease, anna = held_back(project)
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    candidate = candidates.show_held_back(token=lease.token, person=anna)
    candidates.choose(token=lease.token, person=anna, draft_id=candidate.draft_id)
    factories.review(project, anna)
    judged = quality.claim(project=project, person=rosa)
    quality.accept(token=judged.token, person=rosa)

    refitting.refit_all()

    [one] = given
    assert one.helps


def test_what_came_with_the_coach_is_learned_from_beside_the_reviews(
    project, monkeypatch
):
    monkeypatch.setattr("annotator.services.refitting.FRESH", 1)
    coach = active_coach(project.scope)
    estimates.give(coach)
    finished(project, [SURE], helps=lambda draft: True)

    refitting.refit_all()

    row = help_estimate(coach)
    assert (row.held_out, row.reviews) == (300, 1)
    assert refitting.refit_all() == 0
