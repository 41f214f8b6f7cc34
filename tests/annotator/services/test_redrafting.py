"""Old drafts serve until a new coach's are there, and come back with their coach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState, QueueOrder, Stage
from annotator.models import Draft, Errand, Pair, Project, Replacement
from annotator.selectors import history
from annotator.selectors.reports import parts
from annotator.services import drafting, giving_back, taking_back
from annotator.web.pairs import history_words
from revision_engine.types import DraftResult
from tests import factories, trials
from training.models import CoachVersion
from training.services import registry

pytestmark = pytest.mark.django_db


def named(coach: CoachVersion, batch: drafting.DraftBatch) -> list[DraftResult]:
    return [
        DraftResult(key=r.key, text=replace(r.text, response=f"By {coach.name}."))
        for r in batch.requests
    ]


def draft_all(project: Project) -> None:
    while batch := drafting.take_batch(project):
        results = named(batch.coach, batch)
        drafting.store(coach_id=batch.coach.pk, results=results)


def ready_project(count: int = 3, **values: object) -> tuple[Project, CoachVersion]:
    project = factories.make_project(**values)
    old = factories.make_coach(project, "old")
    factories.import_rows(project, factories.rows(count))
    draft_all(project)
    return project, old


def coaches_of(project: Project) -> list[str]:
    pairs = Pair.objects.filter(project=project).order_by("pk")
    return list(pairs.values_list("draft__coach__name", flat=True))


def test_pairs_stay_ready_with_their_old_draft_while_the_new_one_is_written():
    project, _ = ready_project()
    factories.make_coach(project, "new")
    batch = drafting.take_batch(project)

    while_writing = factories.states(project), coaches_of(project)
    drafting.store(coach_id=batch.coach.pk, results=named(batch.coach, batch))

    assert while_writing == ([PairState.READY] * 3, ["old"] * 3)
    assert factories.states(project) == [PairState.READY] * 3
    assert coaches_of(project) == ["new"] * 3
    assert not Replacement.objects.exists()


def test_a_pair_that_is_opened_meanwhile_keeps_what_its_person_sees():
    project, old = ready_project(2)
    new = factories.make_coach(project, "new")
    batch = drafting.take_batch(project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, anna)

    stored = drafting.store(coach_id=new.pk, results=named(new, batch))

    assert stored == 1
    lease.pair.refresh_from_db()
    assert lease.draft.coach == lease.pair.draft.coach == old
    assert lease.pair.draft_coach == old.pk
    giving_back.give_back(token=lease.token, person=anna, stage=Stage.REVIEW)
    assert drafting.take_batch(project) is None


def test_no_second_draft_is_begun_beside_one_that_is_being_written():
    project, _ = ready_project()
    factories.make_coach(project, "new")

    first, second = (drafting.take_batch(project) for _ in range(2))

    assert len(first.requests) == 3
    assert second is None


def test_an_answer_that_comes_twice_is_one_draft():
    project, _ = ready_project(1)
    new = factories.make_coach(project, "new")
    batch = drafting.take_batch(project)

    stored = [
        drafting.store(coach_id=new.pk, results=named(new, batch)) for _ in range(2)
    ]

    assert stored == [1, 0]
    assert Draft.objects.filter(coach=new).count() == 1


def test_a_dead_engine_takes_no_draft_away_and_the_work_is_taken_anew():
    project, _ = ready_project()
    factories.make_coach(project, "new")
    lost = drafting.take_batch(project)
    Errand.objects.update(sent_at=timezone.now() - timedelta(hours=1))

    given_up = taking_back.sweep()

    assert given_up == 3
    assert coaches_of(project) == ["old"] * 3
    assert drafting.take_batch(project) == lost


def test_what_a_coach_writes_after_its_roll_back_is_not_taken():
    project, _ = ready_project()
    new = factories.make_coach(project, "new")
    late = drafting.take_batch(project)
    registry.roll_back(scope=project.scope, actor=None)

    nothing_to_write = drafting.take_batch(project)
    stored = drafting.store(coach_id=new.pk, results=named(new, late))

    assert nothing_to_write is None
    assert stored == 0
    assert coaches_of(project) == ["old"] * 3


def test_a_roll_back_takes_up_the_kept_drafts_and_asks_the_engine_for_nothing():
    project, old = ready_project(40)
    factories.make_coach(project, "new")
    draft_all(project)
    rolled = coaches_of(project)
    registry.roll_back(scope=project.scope, actor=None)

    to_write = drafting.take_batch(project)

    assert rolled == ["new"] * 40
    assert to_write is None
    assert coaches_of(project) == ["old"] * 40
    assert set(Pair.objects.values_list("draft_coach", flat=True)) == {old.pk}
    assert Draft.objects.count() == 80


def test_only_what_the_earlier_coach_never_wrote_is_drafted_after_a_roll_back():
    project, _ = ready_project(2)
    factories.make_coach(project, "new")
    factories.import_rows(project, factories.rows(4))
    draft_all(project)
    registry.roll_back(scope=project.scope, actor=None)

    batch = drafting.take_batch(project)

    assert len(batch.requests) == 2
    assert coaches_of(project) == ["old", "old", "new", "new"]


def test_a_failed_draft_is_not_taken_up_but_tried_again():
    project, _ = ready_project(1)
    Draft.objects.update(problem="failed")
    factories.make_coach(project, "new")
    draft_all(project)
    registry.roll_back(scope=project.scope, actor=None)

    batch = drafting.take_batch(project)

    assert len(batch.requests) == 1


def test_the_control_arm_is_left_alone():
    project = factories.make_project(control_share=0.5)
    factories.make_coach(project, "old")
    factories.import_rows(project, factories.rows(30))
    draft_all(project)
    control = Pair.objects.filter(arm=Arm.CONTROL)
    before = list(control.order_by("pk").values())
    factories.make_coach(project, "new")

    draft_all(project)

    assert before == list(control.order_by("pk").values())
    assert not Draft.objects.filter(pair__arm=Arm.CONTROL).exists()


def test_new_pairs_come_before_new_drafts_of_old_ones():
    project, _ = ready_project(2)
    new = factories.make_coach(project, "new")
    factories.import_rows(project, factories.rows(4))

    batch = drafting.take_batch(project)

    fresh = Pair.objects.in_state(PairState.DRAFTING).values_list("pk", flat=True)
    assert {int(r.key) for r in batch.requests} == set(fresh)
    assert batch.coach == new


def test_the_throttle_counts_what_is_written_anew(settings):
    settings.DRAFT_BATCH_SIZE = 2
    project, _ = ready_project(9)
    factories.make_coach(project, "new")

    taken = []
    while batch := drafting.take_batch(project):
        taken.append(len(batch.requests))

    assert taken == [2, 2]
    assert factories.states(project) == [PairState.READY] * 9


def test_a_new_draft_moves_its_pair_to_its_own_place():
    project, _ = ready_project(2, queue_order=QueueOrder.LARGEST)
    new = factories.make_coach(project, "new")
    batch = drafting.take_batch(project)
    results = named(new, batch)
    longer = replace(results[1].text, response="x" * 500)

    drafting.store(
        coach_id=new.pk, results=[results[0], replace(results[1], text=longer)]
    )

    first = Pair.objects.next_up().first()
    assert first.pk == int(results[1].key)
    assert first.priority > 400


def test_people_are_spared_a_pair_that_the_new_coach_would_hardly_change():
    project, _ = ready_project(1, spare_below=0.3)
    new = factories.make_coach(project, "new")
    batch = drafting.take_batch(project)
    same = [DraftResult(key=r.key, text=r.text) for r in batch.requests]

    drafting.store(coach_id=new.pk, results=same)

    pair = Pair.objects.get()
    assert pair.state == PairState.EXCLUDED
    assert pair.draft.coach == new


def test_after_a_challenge_the_drafts_of_the_coach_that_lost_serve_on():
    project = factories.make_project()
    factories.make_coach(project)
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(30))
    trials.draft_all(project)
    lost = Pair.objects.filter(draft__coach=challenge.champion).count()
    registry.promote(coach=challenge.challenger, actor=None)

    batch = drafting.take_batch(project)

    assert batch.coach == challenge.challenger
    assert len(batch.requests) == lost > 0
    assert factories.states(project) == [PairState.READY] * 30
    counted = Draft.objects.filter(challenge=challenge)
    assert counted.count() == 30


def test_a_report_counts_new_drafts_and_no_exchange_of_kept_ones():
    project, _ = ready_project(2)
    factories.make_coach(project, "new")
    draft_all(project)
    registry.roll_back(scope=project.scope, actor=None)
    draft_all(project)

    found = parts.coaching(project, parts.Span(None, timezone.now()))

    assert found.drafts == 4


def test_the_history_tells_of_each_exchange():
    project, _ = ready_project(1)
    factories.make_coach(project, "new")
    draft_all(project)
    registry.roll_back(scope=project.scope, actor=None)
    draft_all(project)

    told = history_words.entries(history.timeline(Pair.objects.get()))

    steps = [(str(e["title"]), e["note"]) for e in told if e["kind"] == "step"]
    assert steps[-3:] == [
        ("got its draft", "old"),
        ("got a new draft in place of the old one", "new"),
        ("got an earlier draft back", "old"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_person_never_runs_dry_and_always_meets_one_whole_draft():
    project, _ = ready_project(20)
    anna = factories.make_member(project, Role.ANNOTATOR)
    factories.make_coach(project, "new")

    def exchange():
        try:
            draft_all(project)
            registry.roll_back(scope=project.scope, actor=None)
            draft_all(project)
        finally:
            connections.close_all()

    met = []
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(exchange)
        while not done.done() and len(met) < 20:
            met.append(factories.review(project, anna))
        done.result()

    assert met
    for review in met:
        review.pair.refresh_from_db()
        assert review.draft_id == review.pair.draft_id is not None
