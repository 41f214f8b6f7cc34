"""Connections that do not wait for ever for a server which has fallen silent.

A stopped or vanished PostgreSQL keeps its sockets open: no error comes, and neither its
own statement_timeout nor TCP's timers help, since the kernel still acknowledges.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, TypeVar, cast

import psycopg
from django.conf import settings
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool

from annotator.database.standing import database

T = TypeVar("T")
CHECK_SECONDS = 0.6
"""How long a connection from the pool may take to say that it lives."""
CHECK_AGAIN_SECONDS = 0.15
"""The same, when another one has just kept silent."""
ASK_SECONDS = 5
"""How long a server may take to say to another connection that it lives."""


class SilentDatabase(psycopg.OperationalError):
    """The server has kept silent for too long; the connection is closed."""


class Connection(psycopg.Connection[Any]):
    """Tells the process's `standing` what became of each attempt to connect."""

    longest_wait: float | None = None
    """Seconds without a word after which a query is given up; None: as long as the
    server answers others, since a migration or a sweep may take minutes."""

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Connection:
        try:
            made = super().connect(*args, **kwargs)
        except psycopg.OperationalError as error:
            database.lost(error)
            raise
        database.found()
        return made

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        if self.longest_wait is None:
            return super().wait(self._watched(gen), *args, **kwargs)
        kwargs.setdefault("timeout", self.longest_wait)
        try:
            return super().wait(gen, *args, **kwargs)
        except _WaitTimeout:
            self.close()
            database.doubt()
            message = f"The database said nothing for {kwargs['timeout']} s."
            raise SilentDatabase(message) from None

    def _watched(self, gen: PQGen[T]) -> PQGen[T]:
        """The same steps, and after each long silence a look at the server."""
        heard_at = monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = monotonic()
                elif monotonic() - heard_at > settings.DATABASE_SILENT_SECONDS:
                    self._ask()
                    heard_at = monotonic()
                wanted = gen.send(ready)
        except StopIteration as end:
            return cast(T, end.value)

    def _ask(self) -> None:
        """Whether the server still answers anybody; else it is given up."""
        try:
            psycopg.connect(
                self.info.dsn,
                password=self.info.password,
                connect_timeout=ASK_SECONDS,
            ).close()
        except psycopg.errors.ConnectionTimeout as error:
            database.lost(error)
            self.close()
            raise SilentDatabase("The database answers nobody.") from None
        except psycopg.OperationalError:
            return  # a refusal is an answer; a dead server ends its connections


def check(connection: Connection) -> None:
    """The pool's check before it hands a connection out: one empty round trip."""
    limit = CHECK_AGAIN_SECONDS if database.is_out else CHECK_SECONDS
    usual, connection.longest_wait = connection.longest_wait, limit
    try:
        ConnectionPool.check_connection(connection)
    except SilentDatabase as silent:
        database.lost(silent)
        raise
    finally:
        connection.longest_wait = usual
    database.found()


def answer_within(seconds: float) -> None:
    """Give up queries of this process for which the server says nothing for so long.

    For the web, where a person waits.
    """
    Connection.longest_wait = seconds
