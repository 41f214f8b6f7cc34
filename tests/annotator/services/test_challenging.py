"""A share of the new drafts is a challenger's, until the reviews decide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from annotator import tasks
from annotator.domain import chance
from annotator.domain.errors import NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, QueueOrder
from annotator.models import AuditEvent, Candidate, Draft, Errand, Pair
from annotator.selectors import challenges
from annotator.services import candidates, challenging, drafting, placing, taking_back
from tests import factories, trials
from training.models import Challenge, CoachVersion, Promotion, Snapshot, SnapshotItem
from training.models import TrainingRun as Run
from training.selectors import active_coach, open_challenge
from training.services import challenging as registry_of_trials
from training.services import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project(drafts_ahead=200)
    factories.make_coach(project)
    return project


def by_coach(project):
    drafts = Draft.objects.filter(pair__project=project)
    return {
        name: drafts.filter(coach__name=name).count()
        for name in ("first coach", "second coach")
    }


def test_the_hash_deals_each_pair_to_a_coach(project):
    challenge = trials.begin(project, share=0.3)
    factories.import_rows(project, factories.rows(60))

    trials.draft_all(project)

    drafts = Draft.objects.select_related("pair")
    assert drafts.filter(challenge=challenge).count() == 60
    for draft in drafts:
        print_ = draft.pair.fingerprint
        theirs = chance.is_challengers(print_, 0.3, challenge.pk)
        assert (draft.coach_id == challenge.challenger_id) == theirs
    assert 8 <= by_coach(project)["second coach"] <= 30


def test_a_small_share_starves_nobody_and_keeps_the_watermark(project, settings):
    settings.DRAFT_BATCH_SIZE = 8
    project.drafts_ahead = 90
    project.save()
    trials.begin(project, share=0.05)
    factories.import_rows(project, factories.rows(120))

    trials.draft_all(project)

    assert factories.states(project).count(PairState.READY) == 90
    assert min(by_coach(project).values()) > 0
    last = Pair.objects.filter(state=PairState.READY).latest("pk")
    assert not Pair.objects.filter(state=PairState.QUEUED, pk__lt=last.pk).exists()


def test_a_batch_is_of_one_coach_and_the_next_begins_where_it_left_pairs(project):
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(20))
    first, second = (drafting.take_batch(project) for _ in range(2))

    assert {first.coach, second.coach} == {challenge.champion, challenge.challenger}
    assert len(first.requests) + len(second.requests) == 20
    head = Pair.objects.order_by("pk").first()
    assert first.requests[0].key == str(head.pk)


def test_one_task_sends_both_coaches_their_pairs(project, monkeypatch):
    sent = []
    monkeypatch.setattr(
        tasks.generate_drafts, "apply_async", lambda _, with_, **__: sent.append(with_)
    )
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(20))

    tasks.draft_next_batch(project.pk)

    coaches = {message["send_with"]["coach_id"] for message in sent}
    marks = {message["send_with"]["challenge_id"] for message in sent}
    assert coaches == {challenge.champion_id, challenge.challenger_id}
    assert marks == {challenge.pk}


def test_what_was_drafted_before_the_start_stays_and_does_not_count(project):
    factories.import_rows(project, factories.rows(10))
    trials.draft_all(project)

    trials.begin(project)

    assert drafting.take_batch(project) is None
    assert not Draft.objects.exclude(challenge=None).exists()


def test_nothing_is_drafted_again_and_again_while_it_is_open(project):
    trials.begin(project)
    factories.import_rows(project, factories.rows(30))
    trials.draft_all(project)

    assert drafting.take_batch(project) is None
    assert Draft.objects.count() == 30


def test_a_message_delivered_twice_is_one_draft_that_counts(project):
    trials.begin(project)
    factories.import_rows(project, factories.rows(6))
    batch = drafting.take_batch(project)

    first, second = trials.store(batch), trials.store(batch)

    assert (first, second) == (len(batch.requests), 0)
    assert Draft.objects.count() == first


def test_a_lost_draft_is_the_same_coachs_again(project):
    trials.begin(project)
    factories.import_rows(project, factories.rows(1))
    lost = drafting.take_batch(project)
    Errand.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    taking_back.sweep()

    again = drafting.take_batch(project)

    assert again == lost


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_deal_no_pair_twice(project, settings):
    settings.DRAFT_BATCH_SIZE = 5
    trials.begin(project)
    factories.import_rows(project, factories.rows(40))

    def work(_):
        try:
            while batch := drafting.take_batch(project):
                trials.store(batch)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    trials.draft_all(project)

    assert Draft.objects.count() == 40
    assert Draft.objects.values("pair").distinct().count() == 40
    assert AuditEvent.objects.filter(action="drafting").count() == 40


def test_pairs_that_either_coach_was_trained_on_count_for_neither(project):
    factories.import_rows(project, factories.rows(4))
    known = Pair.objects.earliest("pk")
    snapshot = Snapshot.objects.create(scope=project.scope, sha256="a", offered=1)
    run = Run.objects.create(
        scope=project.scope, snapshot=snapshot, config={}, state=Run.State.READY
    )
    SnapshotItem.objects.create(
        snapshot=snapshot,
        role=SnapshotItem.Role.TRAIN,
        source_id="1",
        fingerprint=known.fingerprint,
        raw_instruction="a",
        raw_response="b",
        revised_instruction="a",
        revised_response="c",
        distance=1,
    )
    challenger = trials.make_challenger(project)
    CoachVersion.objects.filter(pk=challenger.pk).update(run=run)
    challenger.refresh_from_db()
    registry_of_trials.start(
        scope=project.scope, challenger=challenger, share=0.99, needed=10, actor=None
    )

    trials.draft_all(project)

    draft = Draft.objects.get(pair=known)
    assert (draft.coach.name, draft.challenge) == ("first coach", None)
    assert Draft.objects.exclude(challenge=None).count() == 3


def test_neither_order_nor_sparing_treats_the_coaches_apart(project):
    project.queue_order, project.spare_below = QueueOrder.LARGEST, 0.9
    project.save()
    trials.begin(project)
    factories.import_rows(project, factories.rows(20))

    trials.draft_all(project)

    assert factories.states(project) == [PairState.READY] * 20
    assert placing.reorder(project) == 0
    assert set(Pair.objects.values_list("priority", flat=True)) == {0}


@pytest.mark.parametrize(
    ("outcome", "stays"), [("lost", "first coach"), ("won", "second coach")]
)
def test_when_it_ends_unopened_drafts_of_the_loser_are_made_anew(
    project, outcome, stays
):
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(20))
    trials.draft_all(project)
    opened = factories.claim(project, factories.make_member(project, Role.ANNOTATOR))

    registry_of_trials.end(
        challenge=challenge, outcome=outcome, actor=None, reason="Because."
    )
    trials.draft_all(project)

    drafts = {p.pk: p.draft for p in Pair.objects.select_related("draft__coach")}
    assert active_coach(project.scope).name == stays
    assert drafts.pop(opened.pair_id) == opened.draft
    assert {draft.coach.name for draft in drafts.values()} == {stays}


def test_a_promotion_stops_what_is_open(project):
    challenge = trials.begin(project)
    third = trials.make_challenger(project, "third coach")

    registry.promote(coach=third, actor=None)

    challenge.refresh_from_db()
    assert challenge.outcome == Challenge.Outcome.STOPPED
    assert "third coach was promoted" in challenge.reason
    assert open_challenge(project.scope) is None


def test_it_does_not_begin_where_it_makes_no_sense(project):
    champion = trials.project_coach(project)

    def begin(challenger, share=0.5):
        with pytest.raises(registry_of_trials.NotChallengeable) as refused:
            registry_of_trials.start(
                scope=challenger.scope,
                challenger=challenger,
                share=share,
                needed=10,
                actor=None,
            )
        return str(refused.value)

    assert "is the active coach itself" in begin(champion)
    assert "between 0 and 1" in begin(champion, share=1.0)
    trials.begin(project)
    assert "Another challenge is open" in begin(trials.make_challenger(project, "x"))
    other = factories.make_project(slug="other")
    lone = registry.register(scope=other.scope, ref=champion.ref, name="lone")
    assert "no active coach" in begin(lone)


def test_a_coach_whose_run_failed_is_not_put_on_trial(project):
    snapshot = Snapshot.objects.create(scope=project.scope, sha256="a", offered=1)
    run = Run.objects.create(
        scope=project.scope, snapshot=snapshot, config={}, state=Run.State.FAILED
    )
    challenger = trials.make_challenger(project)
    CoachVersion.objects.filter(pk=challenger.pk).update(run=run)
    challenger.refresh_from_db()

    with pytest.raises(registry_of_trials.NotChallengeable, match="is failed"):
        registry_of_trials.start(
            scope=project.scope, challenger=challenger, share=0.5, needed=9, actor=None
        )


def test_it_ends_once(project):
    challenge = trials.begin(project)
    ended = {"challenge": challenge, "actor": None, "reason": ""}
    registry_of_trials.end(outcome="stopped", **ended)

    with pytest.raises(registry_of_trials.NotOpen, match="has ended"):
        registry_of_trials.end(outcome="won", **ended)

    assert active_coach(project.scope).name == "first coach"


def test_only_an_admin_begins_or_ends_one(project):
    lead = factories.make_member(project, Role.LEAD)
    challenge = trials.begin(project)

    with pytest.raises(NotAllowed):
        challenging.end(project=project, actor=lead, challenge=challenge, outcome="won")
    with pytest.raises(NotAllowed):
        challenging.start(project=project, actor=lead, challenger=challenge.challenger)


def people(project, count=6):
    return [
        factories.make_member(project, Role.ANNOTATOR, f"anna{n}") for n in range(count)
    ]


def played(project, *, worse, pairs=60, needed=15):
    challenge = trials.begin(project, needed=needed)
    factories.import_rows(project, factories.rows(pairs))
    trials.draft_all(project)
    trials.review_all(project, people(project), worse=worse)
    return challenge


def test_a_better_challenger_takes_over_with_the_numbers_as_the_reason(project):
    challenge = played(project, worse="first coach")

    tasks.settle_challenges()
    tasks.settle_challenges()

    challenge.refresh_from_db()
    newest = Promotion.objects.first()
    assert challenge.outcome == Challenge.Outcome.WON
    assert newest.coach == challenge.challenger
    assert "Mean characters changed: challenger" in newest.reason
    assert Promotion.objects.count() == 2


def test_a_worse_challenger_loses(project):
    challenge = played(project, worse="second coach")

    challenging.settle_all()

    challenge.refresh_from_db()
    assert challenge.outcome == Challenge.Outcome.LOST
    assert active_coach(project.scope) == challenge.champion


def test_without_a_difference_the_champion_stays_after_the_second_look(project):
    challenge = played(project, worse="", pairs=80)

    challenging.settle_all()

    challenge.refresh_from_db()
    assert challenge.outcome == Challenge.Outcome.LOST
    assert "No difference was found" in challenge.reason
    assert "look 2 of 2" in challenge.reason


def test_nothing_is_decided_before_both_have_their_reviews(project):
    challenge = played(project, worse="first coach", pairs=20, needed=100)

    assert challenging.settle(challenge) is None

    trial = challenges.trial(challenge)
    assert trial.verdict.code == "not_enough"
    assert trial.verdict.lacking_champion == 100 - trial.champion.reviews
    assert trial.champion.reviews + trial.challenger.reviews == 20


def test_a_winner_that_the_registry_refuses_leaves_nothing_open(project):
    challenge = played(project, worse="first coach")
    snapshot = Snapshot.objects.create(scope=project.scope, sha256="a", offered=1)
    run = Run.objects.create(
        scope=project.scope, snapshot=snapshot, config={}, state=Run.State.FAILED
    )
    CoachVersion.objects.filter(pk=challenge.challenger_id).update(run=run)

    challenging.settle_all()

    challenge.refresh_from_db()
    assert challenge.outcome == Challenge.Outcome.STOPPED
    assert "is failed" in challenge.reason


def test_another_try_is_of_the_same_coach(project):
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(10))
    trials.draft_all(project)
    theirs = Pair.objects.filter(draft__coach=challenge.challenger)
    theirs.update(priority=1)
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)

    candidates.ask(token=lease.token, person=anna, hint="shorter")

    assert Candidate.objects.get().coach == challenge.challenger
