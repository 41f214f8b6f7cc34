"""How the tables become empty again after a test that committed."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, transaction

KEPT = {"django_content_type", "auth_permission"}
"""Made by migrating, from the models alone: no test changes them."""


def empty(*_: Any) -> None:
    """Delete every row.

    Django would write each table and index anew, though hardly any has a row, and make
    the contents of KEPT again; that took longer than most tests.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # As with TRUNCATE no trigger runs; the other ends of all keys go as well.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_deletes())


@cache
def _deletes() -> str:
    found = connection.introspection.django_table_names(include_views=False)
    quote = connection.ops.quote_name
    return "; ".join(f"DELETE FROM {quote(name)}" for name in set(found) - KEPT)  # noqa: S608 (names in the code)
