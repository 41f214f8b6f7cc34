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


@pytest.fixture
def outbox(monkeypatch) -> list:
    sent: list = []
    monkeypatch.setattr(
        tasks.current_app, "send_task", lambda *message: sent.append(message)
    )
    tasks.stopping.clear()
    yield sent
    tasks.stopping.clear()


def requests(count: int) -> list[dict]:
    text = PairText(instruction="I", response="R")
    return [
        DraftRequest(pair_id=str(number), text=text).as_dict()
        for number in range(count)
    ]


def test_results_go_where_they_were_asked_to_go(outbox, monkeypatch):
    monkeypatch.setattr(tasks, "SEND_EVERY", 0.0)

    given = tasks.generate_drafts(
        COACH.as_dict(), requests(3), send_to="app.store", send_with={"coach_id": 4}
    )

    assert given == []
    assert [(name, with_) for name, _, with_ in outbox] == [
        ("app.store", {"coach_id": 4})
    ] * 3
    assert [row["pair_id"] for _, (rows,), _ in outbox for row in rows] == list("012")


def test_a_few_results_share_a_message(outbox):
    tasks.generate_drafts(COACH.as_dict(), requests(3), send_to="app.store")

    [(_, (rows,), _)] = outbox
    assert len(rows) == 3


def test_a_worker_that_stops_hands_back_what_it_has_not_drafted(outbox, monkeypatch):
    handed: list = []
    monkeypatch.setattr(
        tasks.generate_drafts, "delay", lambda *a, **k: handed.append((a, k))
    )
    tasks._stop()

    tasks.generate_drafts(COACH.as_dict(), requests(3), send_to="app.store")

    [(_, (rows,), _)] = outbox
    assert [row["pair_id"] for row in rows] == ["0"]
    [((coach, rest), kwargs)] = handed
    assert coach == COACH.as_dict()
    assert [row["pair_id"] for row in rest] == ["1", "2"]
    assert kwargs["send_to"] == "app.store"
