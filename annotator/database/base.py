"""The backend that settings name as ENGINE (see docs/adr/0018-outages.md)."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool, PoolTimeout

from annotator.database.connections import Connection, check
from annotator.database.standing import database

BUSY_SECONDS = 10
"""How long a request waits for a connection of a server that is there."""
POOL = {
    "min_size": 1,
    "max_size": 12,
    # Short, since `get_new_connection` asks again as long as the server is there.
    "timeout": 0.7,
    # A pool that tries on by itself, with growing pauses, would sleep through the
    # moment in which the server comes back: each request asks anew instead.
    "reconnect_timeout": 0.2,
    "connection_class": Connection,
}


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits for a busy pool, but not for a server that is gone."""

    @property
    def pool(self) -> ConnectionPool[Any] | None:
        # Django offers its own check only, which has no limit.
        made: ConnectionPool[Any] | None = super().pool
        if made is not None:
            made._check = check
        return made

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        until = monotonic() + BUSY_SECONDS
        while True:
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                # Of a server that has just kept silent no new connection is waited
                # for: libpq would try for two seconds.
                if database.is_out or database.is_doubted or monotonic() > until:
                    raise
