"""The coach is asked again, and its candidate becomes the draft."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.domain.states import Arm
from annotator.models import Autosave, Candidate, Draft, KeptText, Pair
from annotator.services import autosaving, candidates
from revision_engine import pipeline
from revision_engine.backends.fake import FakeBackend
from revision_engine.types import DraftResult, PairText
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    project = factories.make_drafted(1)
    return factories.claim(project, factories.make_member(project, Role.ANNOTATOR))


def ask(lease, hint="shorter"):
    return candidates.ask(token=lease.token, person=lease.holder, hint=hint)


def answer(candidate, text="A short answer.", **more):
    pair = PairText(instruction="Explain it.", response=text)
    result = DraftResult(key=str(candidate.pk), text=pair, **more)
    candidates.store(result=result)
    candidate.refresh_from_db()
    return candidate


def test_at_most_three_candidates_are_written(lease):
    for _ in range(3):
        ask(lease)

    with pytest.raises(Invalid, match="3 times"):
        ask(lease)

    assert Candidate.objects.count() == 3


def test_a_pair_of_the_control_arm_stays_without_the_coach(lease):
    Pair.objects.update(arm=Arm.CONTROL)

    with pytest.raises(candidates.NoCoach, match="comparison"):
        ask(lease)

    assert not Candidate.objects.exists()


def test_the_hint_goes_to_the_coach_and_stays_with_the_draft(lease):
    candidate = answer(ask(lease, "add an example"))

    request = candidates.request_for(candidate)

    assert request.hint == "add an example"
    assert candidate.draft.hint == "add an example"


def test_the_coach_reads_the_hint_after_its_wording(lease):
    seen, told = [], []
    coach = lease.draft.coach.ref

    class Watching(FakeBackend):
        def write_live(self, prompt, *, seed, tell):
            seen.append(prompt)
            return super().write_live(prompt, seed=seed, tell=tell)

    result = pipeline.draft_live(
        coach,
        Watching(coach, None),
        candidates.request_for(ask(lease, "shorter")),
        seed=1,
        tell=told.append,
    )

    assert seen[0].startswith("Improve. shorter\n")
    assert told
    assert result.problem == ""


def test_what_is_written_so_far_can_be_read(lease):
    candidate = ask(lease)

    tasks.hear_candidate(candidate.pk, "Instruction: Ex")
    candidate.refresh_from_db()

    assert (candidate.state, candidate.text_so_far) == ("writing", "Instruction: Ex")


def test_a_second_delivery_changes_nothing(lease):
    candidate = answer(ask(lease))

    answer(candidate, "Another text.")
    candidates.hear(candidate_id=candidate.pk, text="late")

    assert Draft.objects.filter(hint="shorter").count() == 1
    assert candidate.state == "done"


def test_choosing_makes_it_the_draft_and_keeps_what_was_typed(lease):
    candidate = answer(ask(lease))
    typed = PairText(instruction="Explain it.", response="My own words.")
    autosaving.keep_text(token=lease.token, person=lease.holder, text=typed)

    chosen = candidates.choose(
        token=lease.token, person=lease.holder, draft_id=candidate.draft_id
    )

    assert chosen.draft == candidate.draft
    assert Autosave.objects.get().response == "A short answer."
    assert KeptText.objects.get().response == "My own words."


def test_an_unusable_candidate_cannot_be_chosen(lease):
    candidate = answer(ask(lease), problem="loop")

    with pytest.raises(Invalid):
        candidates.choose(
            token=lease.token, person=lease.holder, draft_id=candidate.draft_id
        )

    lease.refresh_from_db()
    assert lease.draft != candidate.draft


def later(candidate, seconds: int, **values):
    Candidate.objects.filter(pk=candidate.pk).update(
        heard_at=timezone.now() - timedelta(seconds=seconds), **values
    )


def test_a_candidate_that_no_engine_begins_is_ended(lease):
    candidate = ask(lease)
    later(candidate, 100)
    too_early = candidates.take_back()
    later(candidate, 300)

    candidates.take_back()

    candidate.refresh_from_db()
    assert too_early == []
    assert candidate.state == "failed"


def test_a_candidate_whose_engine_died_is_asked_for_once_more(lease):
    candidate = ask(lease)
    candidates.hear(candidate_id=candidate.pk, text="Half a")
    later(candidate, 60)

    again = candidates.take_back()
    candidates.hear(candidate_id=candidate.pk, text="")
    later(candidate, 60)
    not_again = candidates.take_back()

    candidate.refresh_from_db()
    assert (again, not_again) == ([candidate.pk], [])
    assert candidate.state == "failed"


def test_a_candidate_that_is_being_written_is_left_alone(lease):
    candidate = ask(lease)
    candidates.hear(candidate_id=candidate.pk, text="Half a")
    later(candidate, 30)

    assert candidates.take_back() == []

    assert answer(candidate).state == "done"


def test_a_desk_that_waits_ends_its_silent_candidates_though_no_sweep_runs(
    lease, client
):
    candidate = ask(lease)
    Candidate.objects.update(heard_at=timezone.now() - timedelta(minutes=5))
    client.force_login(lease.holder)

    client.get(f"/p/demo/review/{lease.token}/candidates/")

    candidate.refresh_from_db()
    assert candidate.state == "failed"
