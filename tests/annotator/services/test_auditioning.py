"""Coaches are heard side by side; nothing of it becomes a draft of a pair."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import IllegalMove, Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState
from annotator.models import Audition, AuditionDraft, Draft, Errand, Pair
from annotator.services import auditioning, errands, taking_back
from revision_engine.types import DraftResult, PairText
from tests import factories
from training.models import CoachVersion
from training.services import registry

pytestmark = pytest.mark.django_db
State = AuditionDraft.State


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project, "first")
    factories.make_coach(project, "second")
    return project


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


def coaches(project):
    return list(
        CoachVersion.objects.filter(scope=project.scope).values_list("pk", flat=True)
    )


def draw(project, ada, number=1):
    return auditioning.begin_draw(
        project=project, actor=ada, coaches=coaches(project), draw=number
    )


def typed(project, ada, text=None):
    return auditioning.begin_typed(
        project=project,
        actor=ada,
        coaches=coaches(project),
        text=text or PairText(instruction="Say hello.", response="Hello."),
    )


def answer(audition, message, problem=""):
    results = [
        DraftResult(
            key=each.key,
            text=each.text if problem else factories.better(each.text),
            problem=problem,
            mean_logprob=-0.5,
            new_tokens=12,
            seconds=1.5,
        )
        for each in message.requests
    ]
    return auditioning.store(audition_id=audition.pk, results=results)


def work(audition):
    while message := auditioning.take(audition.pk):
        answer(audition, message)
    audition.refresh_from_db()


def lose(errand, *, heard=True):
    """The engine that had an errand dies."""
    long_ago = timezone.now() - timedelta(days=1)
    Errand.objects.filter(pk=errand).update(
        sent_at=long_ago, heard_at=long_ago if heard else None
    )
    taking_back.sweep()


def test_each_coach_drafts_the_same_ten_pairs_and_no_pair_knows_of_it(project, ada):
    factories.import_rows(project, factories.rows(14))
    before = factories.states(project)

    audition = draw(project, ada)
    work(audition)

    drafts = AuditionDraft.objects.filter(pair__audition=audition)
    assert audition.state == Audition.State.DONE
    assert audition.finished_at
    assert (audition.pairs.count(), drafts.count()) == (10, 20)
    assert drafts.first().response.endswith("It has a history, too.")
    assert (drafts.first().new_tokens, drafts.first().seconds) == (12, 1.5)
    assert not Draft.objects.exists()
    assert factories.states(project) == before


def test_a_message_is_of_one_coach(project, ada):
    audition = typed(project, ada)

    first, second = auditioning.take(audition.pk), auditioning.take(audition.pk)

    assert auditioning.take(audition.pk) is None
    assert {first.coach.pk, second.coach.pk} == set(coaches(project))


def test_a_draw_is_the_same_for_the_next_coach_and_another_number_another(project, ada):
    factories.import_rows(project, factories.rows(40))

    one, again, other = (draw(project, ada, number) for number in (1, 1, 2))

    def numbers(audition):
        return set(audition.pairs.values_list("number", flat=True))

    assert numbers(one) == numbers(again) != numbers(other)


def test_pairs_of_the_control_arm_and_excluded_ones_are_not_drawn(project, ada):
    factories.import_rows(project, factories.rows(4))
    control, excluded = Pair.objects.order_by("pk")[:2]
    Pair.objects.filter(pk=control.pk).update(arm=Arm.CONTROL)
    Pair.objects.filter(pk=excluded.pk).update(
        state=PairState.EXCLUDED, exclusion_reason="other"
    )

    audition = draw(project, ada)

    drawn = set(audition.pairs.values_list("number", flat=True))
    assert len(drawn) == 2
    assert drawn.isdisjoint({control.pk, excluded.pk})
    with pytest.raises(Invalid, match="comparison"):
        auditioning.begin_pair(
            project=project, actor=ada, coaches=coaches(project), number=control.pk
        )


def test_what_a_coach_was_trained_on_is_not_drawn_and_told_where_chosen(
    project, ada, monkeypatch
):
    factories.import_rows(project, factories.rows(3))
    known = Pair.objects.first()
    monkeypatch.setattr(
        auditioning,
        "knowledge",
        lambda coach: (
            lambda prints: {
                key: None for key in prints if key == known.text_fingerprint
            }
        ),
    )

    drawn = draw(project, ada)
    chosen = auditioning.begin_pair(
        project=project, actor=ada, coaches=coaches(project), number=known.pk
    )

    assert known.pk not in drawn.pairs.values_list("number", flat=True)
    assert drawn.pairs.count() == 2
    told = AuditionDraft.objects.filter(pair__audition=chosen)
    assert set(told.values_list("was_trained_on", flat=True)) == {True}


def test_a_pair_that_was_typed_is_checked_like_a_row_of_a_file(project, ada):
    with pytest.raises(Invalid, match=r"20,000"):
        typed(project, ada, PairText(instruction="a" * 20_001, response="b"))

    assert not Audition.objects.exists()


@pytest.mark.parametrize("wanted", [[], [0]])
def test_without_a_coach_of_the_project_nothing_begins(project, ada, wanted):
    with pytest.raises(Invalid, match="coach"):
        auditioning.begin_draw(project=project, actor=ada, coaches=wanted)


def test_a_fourth_coach_is_one_too_many(project, ada):
    for name in ("third", "fourth"):
        factories.make_coach(project, name)

    with pytest.raises(Invalid, match="one to 3"):
        typed(project, ada)


def test_a_coach_of_another_project_or_from_elsewhere_is_not_heard(project, ada):
    other = factories.make_project(slug="other")
    theirs = factories.make_coach(other).pk
    elsewhere = registry.register_elsewhere(scope=project.scope, model="m").pk

    for pk in (theirs, elsewhere):
        with pytest.raises(Invalid, match="no coach of this project"):
            auditioning.begin_draw(project=project, actor=ada, coaches=[pk])


def test_who_may_not_promote_may_not_try(project):
    lead = factories.make_member(project, Role.LEAD)

    with pytest.raises(NotAllowed):
        typed(project, lead)


def test_three_are_drafted_at_once_and_no_fourth(project, ada):
    first, *_ = [typed(project, ada) for _ in range(3)]

    with pytest.raises(Invalid, match="3 auditions"):
        typed(project, ada)

    auditioning.cancel(audition=first, actor=ada)
    assert typed(project, ada)


def test_an_engine_that_dies_costs_a_try_and_its_drafts_are_asked_for_alone(
    project, ada
):
    factories.import_rows(project, factories.rows(2))
    audition = draw(project, ada)
    lost = auditioning.take(audition.pk)

    lose(lost.errand)
    messages = []
    while message := auditioning.take(audition.pk):
        messages.append(message)

    alone = [each for each in messages if each.coach == lost.coach]
    assert [len(each.requests) for each in alone] == [1, 1]


def test_after_three_deaths_a_draft_is_given_up_and_the_audition_ends(project, ada):
    audition = typed(project, ada)
    while not (gone := AuditionDraft.objects.filter(state=State.FAILED)).exists():
        lose(auditioning.take(audition.pk).errand)

    work(audition)

    assert gone.get().tries == AuditionDraft.MOST_TRIES
    assert audition.state == Audition.State.DONE


def test_an_engine_that_cannot_load_the_coach_costs_a_try_too(project, ada):
    audition = typed(project, ada)
    message = auditioning.take(audition.pk)

    errands.hear(message.errand, failed=True)
    lose(message.errand)

    assert AuditionDraft.objects.get(coach=message.coach).tries == 1


def test_a_message_that_no_engine_took_costs_nothing(project, ada):
    audition = typed(project, ada)
    message = auditioning.take(audition.pk)

    lose(message.errand, heard=False)

    row = AuditionDraft.objects.get(coach=message.coach)
    assert (row.state, row.tries) == (State.WAITING, 0)


def test_what_is_cancelled_is_not_stored_when_it_comes_late(project, ada):
    audition = typed(project, ada)
    message = auditioning.take(audition.pk)

    auditioning.cancel(audition=audition, actor=ada)

    assert answer(audition, message) == 0
    assert auditioning.take(audition.pk) is None
    with pytest.raises(IllegalMove, match="over"):
        auditioning.cancel(audition=audition, actor=ada)


def test_the_same_answer_twice_is_stored_once(project, ada):
    audition = typed(project, ada)
    message = auditioning.take(audition.pk)

    assert answer(audition, message) == 1
    assert answer(audition, message) == 0


def test_an_errand_of_an_audition_is_kept_while_it_is_awaited(project, ada):
    audition = typed(project, ada)
    message = auditioning.take(audition.pk)
    Errand.objects.update(sent_at=timezone.now() - timedelta(minutes=2))

    errands.clear()
    assert Errand.objects.filter(pk=message.errand).exists()
    answer(audition, message)
    errands.clear()
    assert not Errand.objects.filter(pk=message.errand).exists()


def test_the_engine_writes_it_by_the_tasks(project, ada, monkeypatch):
    audition = typed(project, ada)
    sent = []
    monkeypatch.setattr(
        tasks.generate_drafts,
        "apply_async",
        lambda args, kwargs, **_: sent.append((args, kwargs)),
    )

    tasks.continue_auditions()
    for (_, requests), told in sent:
        assert told["send_to"] == "annotator.store_audition"
        made = [{**each, "text": each["text"]} for each in requests]
        tasks.store_audition(
            [{"key": each["key"], "text": each["text"]} for each in made],
            **told["send_with"],
        )

    audition.refresh_from_db()
    assert len(sent) == 2
    assert audition.state == Audition.State.DONE


def test_a_project_that_is_deleted_ends_its_auditions(project, ada):
    from annotator.services import deleting

    audition = typed(project, ada)

    deleting.begin(project=project, actor=ada, typed=project.slug)
    audition.refresh_from_db()
    assert audition.state == Audition.State.CANCELLED
    while not deleting.go_on(project.pk):
        pass
    assert not Audition.objects.exists()
