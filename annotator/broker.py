"""The way to the workers. The row is the job: a hint that cannot be sent is let go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from celery import current_app
from kombu import Connection, Producer
from kombu.exceptions import OperationalError
from kombu.pools import producers

from annotator.database.standing import Standing

SECONDS = 0.7
"""How long a request may wait for the broker."""
standing = Standing("The message broker")


def send(name: str, *args: Any, **options: Any) -> bool:
    """Send a task by its name; False if that was not possible, said once in the log.

    A broker that is gone costs one request in a second a moment, and the others none.
    """
    if not standing.may_try():
        return False
    with _asked() as producer:
        current_app.send_task(name, args, producer=producer, retry=False, **options)
    return not standing.is_out


def look() -> None:
    """Find out whether the broker is there; `standing` says so afterwards."""
    if not standing.may_try():
        return
    with _asked() as producer:
        client = getattr(producer.channel, "client", None)
        if client is not None:  # Valkey: its channel alone asks it nothing
            client.ping()


@contextmanager
def _asked() -> Iterator[Producer]:
    pool = producers[_connection()]
    try:
        with pool.acquire(block=True, timeout=SECONDS) as producer:
            yield producer
    except OperationalError as error:
        standing.lost(error)
    else:
        standing.found()


@cache
def _connection() -> Connection:
    """Of its own, with limits: a worker's connection waits for messages, for long."""
    conf = current_app.conf
    limits: dict[str, Any] = {"max_retries": 0}
    if not conf.broker_url.startswith("amqp"):
        limits |= {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    return Connection(
        conf.broker_url,
        connect_timeout=SECONDS,
        transport_options={**conf.broker_transport_options, **limits},
    )
