"""A coach is tried, goes out as a file, and comes in elsewhere: by the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.domain.roles import Role
from annotator.models import Audition, AuditionDraft, Draft
from annotator.services import auditioning, exchanging
from annotator.tasks import audition_next, nudge
from revision_engine.types import PairText
from tests import factories, world

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


def test_a_coach_that_came_in_drafts_as_it_did_where_it_was(settings, tmp_path: Path):
    world.prepare(settings, tmp_path)
    home, elsewhere = factories.make_project(), factories.make_project(slug="elsewhere")
    coach = world.first_coach(settings, home)
    ada = factories.make_member(home, Role.ADMIN)
    factories.import_rows(elsewhere, factories.rows(40, revised=True))
    with exchanging.pack(project=home, actor=ada, coach=coach) as file:
        came = exchanging.take_in(project=elsewhere, actor=None, file=file)
    boss = factories.make_member(elsewhere, Role.ADMIN, "boss")
    text = PairText(instruction="Explain the word tulip.", response="A flower.")
    heard = [
        auditioning.begin_typed(project=project, actor=actor, coaches=[pk], text=text)
        for project, actor, pk in (
            (home, ada, coach.pk),
            (elsewhere, boss, came.pk),
        )
    ]

    with world.worker():
        for audition in heard:
            nudge(audition_next, audition.pk)
        done = Audition.objects.filter(state=Audition.State.DONE)
        world.wait_for(lambda: done.count() == len(heard))

    first, second = AuditionDraft.objects.order_by("pk")
    assert first.new_tokens == second.new_tokens > 0
    assert first.text == second.text
    assert first.problem == second.problem
    assert first.mean_logprob == pytest.approx(second.mean_logprob, abs=1e-6)
    assert not Draft.objects.exists()
