"""Make the next value while this one is worked on: two processors, one reader."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar, cast

from django.db import connection, connections

T = TypeVar("T")
Key = TypeVar("Key")
Found = TypeVar("Found")
_END = object()
PATIENCE = 10.0
"""Seconds after which one says that one waits."""


def ahead(
    values: Iterator[T],
    *,
    waiting: Callable[[], None] = lambda: None,
    ending: Callable[[], None] = lambda: None,
) -> Generator[T]:
    """The same values, each made by another thread while the one before it is used.

    What `values` raises is raised here, in its turn. While nothing comes `waiting` is
    called now and then. Close it when some are left: the other thread has ended then;
    `ending` is the last that it does.
    """
    with ThreadPoolExecutor(1, "read-ahead") as other:
        try:
            coming = other.submit(next, values, _END)
            while (value := _result(coming, waiting)) is not _END:
                coming = other.submit(next, values, _END)
                yield cast(T, value)
        finally:
            other.submit(ending).result()


def _result(coming: Future[object], waiting: Callable[[], None]) -> object:
    while True:
        try:
            return coming.result(timeout=PATIENCE)
        except TimeoutError:
            if coming.done():  # it was the value's own
                return coming.result()
            waiting()


def read_ahead(
    keys: Iterable[Key], read: Callable[[Key], Found]
) -> Iterator[tuple[Key, Found]]:
    """Each key with what was read of it, in order; one read runs ahead, in a thread.

    Within a transaction only its own connection sees its rows: there none runs ahead.
    """
    found = ((key, read(key)) for key in keys)
    if connection.in_atomic_block:
        yield from found
        return
    with closing(ahead(found, ending=connections.close_all)) as each:
        yield from each
