"""A real engine, killed by one pair of many: the others get their drafts."""

from __future__ import annotations

import pytest

from annotator.domain.states import PairState
from annotator.models import Pair
from annotator.tasks import draft_next_batch, nudge
from revision_engine.types import CoachRef
from tests import factories, world
from tests.dying_engine import KILLS, engine
from training.services import registry

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


def test_a_pair_that_kills_its_engine_costs_the_others_nothing(settings):
    settings.ENGINE_SILENT_SECONDS = 5
    settings.DRAFT_BATCH_SIZE = 8
    project = factories.make_project()
    ref = CoachRef(
        name="Eva", base_model="none", prompt="coachlm-1", wording="Improve."
    )
    coach = registry.register(scope=project.scope, ref=ref, name="Eva")
    registry.promote(coach=coach, actor=None)
    rows = factories.rows(12)
    rows[3]["Raw Response"] = f"It is {KILLS}."
    factories.import_rows(project, rows)

    def is_done() -> bool:
        nudge(draft_next_batch, project.pk)
        return factories.states(project) == [PairState.READY] * 12

    with world.worker(["app"]), engine() as ended:
        world.wait_for(is_done)
        deaths = len(ended)

    bad = Pair.objects.get(response__contains=KILLS)
    others = Pair.objects.exclude(pk=bad.pk).select_related("draft")
    assert bad.draft.problem == "engine_died"
    assert all(pair.draft.response.endswith("Revised by Eva.") for pair in others)
    assert deaths == 3
