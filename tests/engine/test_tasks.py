"""The engine's doorway: plain data in and out, and no outage passes for a draft."""

from __future__ import annotations

import logging

import pytest

from revision_engine import tasks
from revision_engine.adapters import AdapterMissing
from revision_engine.types import CoachRef, DraftRequest, DraftResult, PairText

COACH = CoachRef(name="Eva", base_model="none", prompt="coachlm-1", wording="Improve.")
REQUEST = DraftRequest(pair_id="7", text=PairText(instruction="I", response="R"))


@pytest.fixture(autouse=True)
def no_backend_from_another_test():
    tasks._backend.cache_clear()


class LostAdapter:
    """A backend whose adapter is not there, as HfBackend behaves."""

    def __init__(self, coach: CoachRef, store: object) -> None:
        raise AdapterMissing("The adapter is not in the store.")


def test_a_batch_is_drafted_from_plain_values():
    [row] = tasks.generate_drafts(COACH.as_dict(), [REQUEST.as_dict()])

    assert DraftResult.from_dict(row).text.response == "R Revised by Eva."


def test_a_coach_stays_loaded_between_batches():
    tasks.generate_drafts(COACH.as_dict(), [REQUEST.as_dict()])
    tasks.generate_drafts(COACH.as_dict(), [REQUEST.as_dict()])

    assert tasks._backend.cache_info().misses == 1


def test_a_coach_that_cannot_be_loaded_raises_and_is_named(settings, caplog):
    settings.REVISION_BACKEND = f"{__name__}.LostAdapter"

    with caplog.at_level(logging.ERROR), pytest.raises(AdapterMissing):
        tasks.generate_drafts(COACH.as_dict(), [REQUEST.as_dict()])

    assert "'Eva' cannot be loaded: The adapter is not in the store." in caplog.text
