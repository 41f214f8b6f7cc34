"""All tables of the dashboard by name."""

from __future__ import annotations

from annotator.formats.tables import Table
from annotator.web.stats import charts, head, tables
from annotator.web.stats.board import Board


def every_table(board: Board) -> dict[str, Table]:
    """All tables of the page by name, those behind charts included."""
    made = [
        head.funnel(board),
        charts.throughput(board).table,
        tables.acceptance(board),
        charts.acceptance_over_time(board).table,
        tables.fields(board),
        tables.flaws(board),
        tables.times(board),
        charts.time_over_time(board).table,
        tables.returns(board),
        tables.coaches(board),
        tables.people(board),
    ]
    return {table.key: table for table in made}
