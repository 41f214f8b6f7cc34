"""Rows in bulk: COPY takes a tenth of the time of INSERT, and no more memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows, each with the values of these columns, as psycopg adapts them.

    Whatever the columns' defaults in Python are, they are not used.
    """
    table = model._meta.db_table
    named = ", ".join(f'"{column}"' for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as sink,
    ):
        for row in rows:
            sink.write_row(row)


def numbers(model: type[models.Model], count: int) -> list[int]:
    """As many primary keys as rows are to be copied, in rising order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) "
            "FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return sorted(number for (number,) in cursor.fetchall())
