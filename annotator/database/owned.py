"""Which rows hang on a row, by the keys of all tables, and in what order they can go.

Django's own deletion reads each row first, and stops at keys that protect; here a
million rows go by a few statements a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from graphlib import TopologicalSorter
from typing import Any

from django.db.models import ForeignKey, Model

Table = type[Model]


def keys_of(table: Table, tables: Collection[Table]) -> Iterator[ForeignKey[Any, Any]]:
    """The keys of a table to any of `tables`, itself left out."""
    for field in table._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            other = field.related_model
            if other in tables and other is not table:
                yield field


def paths(root: Table, tables: Collection[Table]) -> dict[Table, tuple[str, ...]]:
    """For each table whose rows hang on `root`, all shortest ways to it as lookups:
    one for each of its keys that leads there. A way is taken over keys that may not be
    empty; of a table that has none, over those that may.
    """
    found: dict[Table, tuple[str, ...]] = {root: ("",)}
    reached = [root]
    while reached:
        fresh: dict[Table, tuple[str, ...]] = {}
        for table in tables:
            if table not in found:
                ways = _ways(table, reached, found)
                if ways:
                    fresh[table] = ways
        found |= fresh
        reached = list(fresh)
    del found[root]
    return found


def _ways(
    table: Table, reached: Collection[Table], found: dict[Table, tuple[str, ...]]
) -> tuple[str, ...]:
    keys = [key for key in keys_of(table, reached) if _owns(key)]
    return tuple(
        f"{key.name}__{way}".removesuffix("__")
        for key in keys
        for way in found[key.related_model]
    )


def _owns(key: ForeignKey[Any, Any]) -> bool:
    """An empty or a kept key tells of another row, and makes no part of it."""
    return not key.null


def in_order(tables: Collection[Table], *, free: Collection[str]) -> Sequence[Table]:
    """Those that point to others first; `free` names keys (table.field) that are
    emptied before. CycleError: they point in a circle even so."""
    graph: TopologicalSorter[Table] = TopologicalSorter()
    for table in tables:
        graph.add(table)
        for key in keys_of(table, tables):
            if f"{table.__name__}.{key.name}" not in free:
                graph.add(key.related_model, table)
    return list(graph.static_order())
