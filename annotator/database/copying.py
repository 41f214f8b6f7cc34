"""Rows in bulk: COPY takes a tenth of the time of INSERT, and no more memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models

LINES = 500
"""Lines that are sent together."""


def copy(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows, each with the values of these columns, as psycopg adapts them.

    Whatever the columns' defaults in Python are, they are not used.
    """
    with connection.cursor() as cursor, cursor.copy(_statement(model, columns)) as sink:
        for row in rows:
            sink.write_row(row)


def copy_lines(
    model: type[models.Model], columns: Sequence[str], lines: Iterable[str]
) -> None:
    """The same with rows that are written as PostgreSQL's text format has them, each
    with its line end (formats/copy_text)."""
    coming = iter(lines)
    with connection.cursor() as cursor, cursor.copy(_statement(model, columns)) as sink:
        while piece := "".join(islice(coming, LINES)):
            sink.write(piece)


def _statement(model: type[models.Model], columns: Sequence[str]) -> str:
    named = ", ".join(f'"{column}"' for column in columns)
    return f'COPY "{model._meta.db_table}" ({named}) FROM STDIN'


@contextmanager
def keys_are_known() -> Iterator[None]:
    """Rows are written whose keys are there for certain: written, or locked, in this
    transaction. PostgreSQL then looks none of them up, if it lets this user say so: a
    superuser, as ours on the embedded server is, or one with SET on the parameter.

    Within, nothing may be updated or deleted, since nothing follows such a change. No
    trigger fires either: whoever writes rows that the tallies count marks their hour
    (models.StaleHour).
    """
    may = _may_vouch()
    with connection.cursor() as cursor:
        if may:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        if may:
            cursor.execute("SET LOCAL session_replication_role = origin")


def _may_vouch() -> bool:
    with connection.cursor() as cursor:
        has_grants = cursor.connection.info.server_version >= 150_000
        asked = "has_parameter_privilege('session_replication_role', 'SET')"
        if not has_grants:
            asked = "current_setting('is_superuser') = 'on'"
        cursor.execute(f"SELECT {asked}")
        (may,) = cursor.fetchone()
        return bool(may)


def commit_without_waiting() -> None:
    """This transaction's commit does not wait for the disk. If the machine dies, or the
    database, within the next second it may be lost, whole: right for a piece of a job
    that says in the same transaction how far it is. The next commit that waits brings
    all before it to the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def numbers(model: type[models.Model], count: int) -> list[int]:
    """As many primary keys as rows are to be copied, in rising order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH own AS MATERIALIZED "
            "(SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT array_agg(nextval(own.name)) FROM own, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        (found,) = cursor.fetchone()
        return sorted(found or [])
