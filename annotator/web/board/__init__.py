"""The dashboard in words: tables, charts, and links from each figure to its rows."""

from __future__ import annotations

from annotator.web.board import charts, head, tables
from annotator.web.board.frame import Board
from annotator.web.tables import Table

__all__ = ["Board", "charts", "every_table", "head", "tables"]


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
