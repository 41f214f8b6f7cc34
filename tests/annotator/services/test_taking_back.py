"""What a dead engine held comes back, and what kills engines is found and set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotator import tasks
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Draft, Errand, Pair, Replacement, Rewrite, RewriteRow
from annotator.selectors import rewrites
from annotator.services import drafting, errands, redrafting, rewriting, taking_back
from annotator.web.review import views
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db
POISON = "number 7."


def answers(batch) -> list[DraftResult]:
    return [
        DraftResult(key=r.key, text=factories.better(r.text)) for r in batch.requests
    ]


def fall_silent(errand: int, seconds: int = 60) -> None:
    """The engine that worked on it was killed so long ago."""
    then = timezone.now() - timedelta(seconds=seconds)
    Errand.objects.filter(pk=errand).update(heard_at=then)


def prepared(count: int):
    project = factories.make_project(drafts_ahead=200)
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(count))
    return project, coach


def test_what_a_dead_engine_held_is_free_within_a_minute():
    project, _ = prepared(3)
    batch = drafting.take_batch(project)
    errands.hear(batch.errand)
    fall_silent(batch.errand, 44)
    too_early = taking_back.sweep()
    fall_silent(batch.errand, 46)

    taken_back = taking_back.sweep()

    assert (too_early, taken_back) == (0, 3)
    assert factories.states(project) == [PairState.QUEUED] * 3


def test_who_asks_for_work_gets_it_without_a_sweeper():
    project, _ = prepared(40)
    first, second = drafting.take_batch(project), drafting.take_batch(project)
    throttled = drafting.take_batch(project)
    fall_silent(first.errand)

    again = drafting.take_batch(project)

    assert len(second.requests) == 8
    assert throttled is None
    assert len(again.requests) == 1


def test_who_finds_an_empty_desk_asks_for_work(client, monkeypatch):
    project, _ = prepared(2)
    lost = drafting.take_batch(project)
    fall_silent(lost.errand)
    asked: list = []
    monkeypatch.setattr(views, "nudge", lambda *what: asked.append(what))
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    client.get(f"/p/{project.slug}/review/")

    assert asked == [(tasks.draft_next_batch, project.pk)]


def test_waiting_in_the_broker_is_no_death():
    project, _ = prepared(2)
    batch = drafting.take_batch(project)
    long_ago = timezone.now() - timedelta(minutes=9)
    Errand.objects.update(sent_at=long_ago)

    taken_back = taking_back.sweep()

    assert taken_back == 0
    assert drafting.store(coach_id=batch.coach.pk, results=answers(batch)) == 2


def test_a_message_outlives_no_errand_that_is_sent_again(settings):
    prepared(1)
    errand = errands.begin(1)
    just_before = timedelta(seconds=errands.lifetime())
    Errand.objects.filter(pk=errand.pk).update(sent_at=timezone.now() - just_before)

    assert not errands.silent().exists()


def test_a_message_that_was_never_begun_is_nobodys_fault():
    project, _ = prepared(2)
    drafting.take_batch(project)
    Errand.objects.update(sent_at=timezone.now() - timedelta(hours=1))

    taken_back = taking_back.sweep()

    assert taken_back == 2
    assert set(Pair.objects.values_list("suspicion", flat=True)) == {0}


def test_a_coach_that_cannot_be_had_is_asked_later_and_blames_no_pair():
    project, _ = prepared(2)
    batch = drafting.take_batch(project)
    errands.hear(batch.errand, failed=True)
    fall_silent(batch.errand, 60)
    too_early = taking_back.sweep()
    fall_silent(batch.errand, 200)

    taken_back = taking_back.sweep()

    assert (too_early, taken_back) == (0, 2)
    assert set(Pair.objects.values_list("suspicion", flat=True)) == {0}


def test_what_the_broker_does_not_take_is_free_at_once(monkeypatch):
    project, _ = prepared(2)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(tasks.generate_drafts, "apply_async", away)

    with pytest.raises(OperationalError):
        tasks.draft_next_batch(project.pk)

    assert factories.states(project) == [PairState.QUEUED] * 2


def test_what_a_stopping_engine_hands_back_is_blameless():
    project, _ = prepared(3)
    batch = drafting.take_batch(project)
    errands.hear(batch.errand)
    done, *left = batch.requests

    back = taking_back.hand_back(batch.errand, [int(r.key) for r in left])

    assert back == 2
    assert set(Pair.objects.values_list("suspicion", flat=True)) == {0}
    assert Pair.objects.get(pk=done.key).state == PairState.DRAFTING


@pytest.mark.parametrize(("begun", "suspicion"), [(True, 1), (False, 0)])
def test_a_broker_that_gives_a_message_out_again_tells_of_a_death(begun, suspicion):
    project, _ = prepared(2)
    batch = drafting.take_batch(project)
    if begun:
        errands.hear(batch.errand)
    ids = [int(r.key) for r in batch.requests]

    taking_back.hand_back(batch.errand, ids, died=True)

    assert set(Pair.objects.values_list("suspicion", flat=True)) == {suspicion}


def test_a_draft_of_an_engine_that_was_only_thought_dead_is_used_once():
    project, coach = prepared(2)
    batch = drafting.take_batch(project)
    fall_silent(batch.errand)
    taking_back.sweep()
    again = drafting.take_batch(project)

    late = drafting.store(coach_id=coach.pk, results=answers(batch))
    twice = drafting.store(coach_id=coach.pk, results=answers(again))

    assert (late, twice) == (1, 0)
    used = Pair.objects.get(pk=again.requests[0].key)
    assert (used.state, used.suspicion) == (PairState.READY, 0)
    assert Draft.objects.count() == 1


def until_done(take: Callable[[], object], store: Callable[[object], object]) -> int:
    """Engines work until nothing is left, and die on POISON; how many died."""
    deaths = 0
    for _ in range(200):
        batch = take()
        if batch is None:
            return deaths
        errands.hear(batch.errand)
        if any(POISON in r.text.instruction for r in batch.requests):
            deaths += 1
            fall_silent(batch.errand)
        else:
            store(batch)
    raise AssertionError("there is no end")


def test_one_pair_that_kills_engines_is_found_and_the_others_get_their_drafts():
    project, coach = prepared(32)

    deaths = until_done(
        lambda: drafting.take_batch(project),
        lambda batch: drafting.store(coach_id=coach.pk, results=answers(batch)),
    )

    pair = Pair.objects.get(instruction__contains=POISON)
    assert deaths == 3
    assert factories.states(project) == [PairState.READY] * 32
    assert pair.draft.problem == "engine_died"
    assert pair.draft.text == pair.text
    assert Pair.objects.exclude(pk=pair.pk).filter(draft__problem="").count() == 31


def test_a_person_gets_the_pair_raw_and_is_told_why(client):
    project, coach = prepared(8)
    until_done(
        lambda: drafting.take_batch(project),
        lambda batch: drafting.store(coach_id=coach.pk, results=answers(batch)),
    )
    pair = Pair.objects.get(instruction__contains=POISON)
    Pair.objects.filter(pk=pair.pk).update(priority=9)
    anna = factories.make_member(project, Role.ANNOTATOR)
    client.force_login(anna)

    page = client.get(f"/p/{project.slug}/review/").content.decode()

    assert "its engine died on the pair, twice" in page
    assert pair.response in page


def test_a_new_coach_tries_it_alone_and_only_once():
    project, coach = prepared(8)
    until_done(
        lambda: drafting.take_batch(project),
        lambda batch: drafting.store(coach_id=coach.pk, results=answers(batch)),
    )
    new = factories.make_coach(project, "new")

    deaths = until_done(
        lambda: drafting.take_batch(project),
        lambda batch: drafting.store(coach_id=new.pk, results=answers(batch)),
    )

    pair = Pair.objects.get(instruction__contains=POISON)
    assert deaths == 1
    assert (pair.draft.problem, pair.draft.coach) == ("engine_died", new)
    assert not Replacement.objects.exists()


def test_new_drafts_that_a_dead_engine_held_come_back_too():
    project, _ = prepared(3)
    factories.draft_all(project)
    new = factories.make_coach(project, "new")
    batch = drafting.take_batch(project)
    fall_silent(batch.errand)

    taking_back.sweep()

    assert redrafting.in_flight(project) == 0
    assert set(Pair.objects.values_list("state", "suspicion")) == {("ready", 1)}
    assert len(redrafting.outdated(project, new)) == 3


def begun_rewrite(count: int) -> Rewrite:
    project = factories.make_project()
    coach = factories.make_coach(project)
    lead = factories.make_member(project, Role.LEAD)
    given = [
        {"instruction": f"Explain number {n}.", "response": f"It is {n}."}
        for n in range(count)
    ]
    return rewriting.start(
        project=project,
        actor=lead,
        coach=coach,
        name="a.json",
        rows=rewriting.rows_of_objects(given),
    )


def test_one_row_that_kills_engines_stays_raw_and_the_dataset_is_done():
    rewrite = begun_rewrite(40)

    deaths = until_done(
        lambda: rewriting.take(rewrite.pk),
        lambda message: rewriting.store(
            rewrite_id=rewrite.pk, results=answers(message)
        ),
    )

    rewrite.refresh_from_db()
    [bad] = rewrite.rows.exclude(problem="")
    assert deaths == 3
    assert rewrite.state == Rewrite.State.DONE
    assert POISON in bad.instruction
    assert (bad.problem, bad.source, bad.revised) == ("engine_died", "raw", bad.text)
    assert rewrites.progress(rewrite).left == 0


def test_rows_that_a_dead_engine_held_come_back_to_who_asks():
    rewrite = begun_rewrite(3)
    lost = rewriting.take(rewrite.pk)
    fall_silent(lost.errand)

    again = rewriting.take(rewrite.pk)

    assert len(again.requests) == 1
    assert RewriteRow.objects.filter(state="waiting").count() == 2


def test_pairs_on_no_errand_are_swept_as_well():
    project, _ = prepared(2)
    drafting.take_batch(project)
    Errand.objects.all().delete()
    Pair.objects.update(state_since=timezone.now() - timedelta(hours=1))

    taken_back = taking_back.sweep()

    assert taken_back == 2
    assert factories.states(project) == [PairState.QUEUED] * 2


def test_errands_of_which_all_has_come_are_forgotten():
    project, coach = prepared(2)
    batch = drafting.take_batch(project)
    drafting.store(coach_id=coach.pk, results=answers(batch))
    Errand.objects.update(sent_at=timezone.now() - timedelta(minutes=2))

    taking_back.sweep()

    assert not Errand.objects.exists()
