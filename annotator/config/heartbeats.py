"""Each worker says every few seconds that it lives, from a thread beside its work.

It says so through the broker, since a worker of the engine knows no database. The clock
needs no thread: its sign is a task of its schedule.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

from celery.signals import worker_ready, worker_shutdown

from annotator import broker
from training import memory

EVERY_SECONDS = 10.0
TRAINING = "training"
_stopped = Event()


@worker_ready.connect
def begin(sender: Any, **kwargs: Any) -> None:
    queues = sorted(queue.name for queue in sender.task_consumer.queues)
    Thread(target=_beat, args=[queues], daemon=True, name="heartbeat").start()


@worker_shutdown.connect
def finish(**kwargs: Any) -> None:
    _stopped.set()


def _beat(queues: list[str]) -> None:
    # What a run may take is asked once: it is the machine's.
    told: dict[str, dict[str, Any]] = {}
    if TRAINING in queues:
        told[TRAINING] = {"memory": memory.room(), "quantizes": memory.quantizes()}
    while True:
        for queue in queues:
            more = told.get(queue, {})
            broker.send(
                "annotator.hear_from", queue, kwargs=more, expires=EVERY_SECONDS
            )
        if _stopped.wait(EVERY_SECONDS):
            return
