"""Rows in bulk: one UPDATE that sets other values in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def update_each(
    model: type[models.Model],
    columns: Mapping[str, str],
    rows: Mapping[int, Sequence[Any]],
) -> int:
    """Set columns (name and SQL type) of the rows with these primary keys; how many.

    The names and types stand in the code, the values are handed over apart.
    """
    if not rows:
        return 0
    named = ", ".join(f'"{name}"' for name in columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *columns.values()))
    sets = ", ".join(f'"{name}" = fresh."{name}"' for name in columns)
    values = [list(rows), *(list(each) for each in zip(*rows.values(), strict=True))]
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" t SET {sets} '  # noqa: S608
            f"FROM unnest({arrays}) AS fresh(id, {named}) WHERE t.id = fresh.id",
            values,
        )
        return int(cursor.rowcount)
