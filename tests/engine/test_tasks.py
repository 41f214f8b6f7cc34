"""The engine's doorway: plain data in and out, and no outage passes for a draft."""

from __future__ import annotations

import logging

import pytest

from revision_engine import stopping, tasks
from revision_engine.adapters import AdapterMissing
from revision_engine.types import CoachRef, DraftRequest, DraftResult, PairText

COACH = CoachRef(name="Eva", base_model="none", prompt="coachlm-1", wording="Improve.")
ERRAND = {"number": 9, "hear": "app.hear", "hand_back": "app.hand_back"}
REQUEST = DraftRequest(key="7", text=PairText(instruction="I", response="R"))


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
    stopping.told.clear()
    yield sent
    stopping.told.clear()


def requests(count: int) -> list[dict]:
    text = PairText(instruction="I", response="R")
    return [
        DraftRequest(key=str(number), text=text).as_dict() for number in range(count)
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
    assert [row["key"] for _, (rows,), _ in outbox for row in rows] == list("012")


def test_a_few_results_share_a_message(outbox):
    tasks.generate_drafts(COACH.as_dict(), requests(3), send_to="app.store")

    [(_, (rows,), _)] = outbox
    assert len(rows) == 3


def test_a_worker_that_stops_hands_back_what_it_has_not_drafted(outbox):
    tasks._stop()

    tasks.generate_drafts(
        COACH.as_dict(), requests(3), send_to="app.store", errand=ERRAND
    )

    begun, drafted, handed = outbox
    assert begun[:2] == ("app.hear", (9,))
    assert [row["key"] for row in drafted[1][0]] == ["0"]
    assert handed == ("app.hand_back", (9, ["1", "2"]), {})


def test_an_engine_says_that_it_works_before_it_loads_the_coach(outbox, settings):
    settings.REVISION_BACKEND = f"{__name__}.LostAdapter"

    with pytest.raises(AdapterMissing):
        tasks.generate_drafts(
            COACH.as_dict(), requests(3), send_to="app", errand=ERRAND
        )

    assert outbox == [
        ("app.hear", (9,), {}),
        ("app.hear", (9,), {"failed": True}),
    ]


def test_what_another_engine_had_before_is_not_drafted(outbox):
    tasks.generate_drafts.push_request(delivery_info={"redelivered": True})
    try:
        tasks.generate_drafts.run(
            COACH.as_dict(), requests(2), send_to="app.store", errand=ERRAND
        )
    finally:
        tasks.generate_drafts.pop_request()

    assert outbox == [("app.hand_back", (9, ["0", "1"]), {"died": True})]


def test_a_candidate_is_heard_of_before_its_first_word(outbox):
    tasks.write_candidate(
        COACH.as_dict(),
        REQUEST.as_dict(),
        seed=1,
        hear="app.hear",
        send_to="app.store",
    )

    begun, written, done = (name_and_rest[:2] for name_and_rest in outbox)
    assert begun == ("app.hear", (7, ""))
    assert written[0] == "app.hear"
    assert done[0] == "app.store"
