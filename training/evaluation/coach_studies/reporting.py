"""What a study found, as one document, from the cells that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.evaluation.bootstrap import Numbers
from training.evaluation.coach_studies import fitted
from training.evaluation.coach_studies.figures import (
    BY_NAME,
    FIGURES,
    Draws,
    StudyFigure,
    told,
)
from training.evaluation.coach_studies.grid import Cell, Grid
from training.evaluation.coach_studies.kinds import KINDS
from training.evaluation.definitions import LOSS
from training.evaluation.figures import EFFORT_SAVED

VERSION = 1
Result = Mapping[str, Any]
Points = Mapping[str, Mapping[int, Sequence[Mapping[str, Any]]]]
"""Of each point and seed, the rows of its cell."""


def report(grid: Grid, results: Mapping[str, Result]) -> dict[str, Any]:
    """The figures of each point, and which cells are missing."""
    kind = KINDS[grid.kind]
    points = _points(grid, results)
    draws = Draws.over(
        (
            row["key"]
            for cells in points.values()
            for rows in cells.values()
            for row in rows
        ),
        (seed for cells in points.values() for seed in cells),
    )
    is_fitted = kind.is_fitted and points
    return {
        "version": VERSION,
        "kind": grid.kind,
        "points": list(points),
        "cells": [_cell(cell, results.get(cell.name)) for cell in grid.cells],
        "missing": [cell.name for cell in grid.cells if cell.name not in results],
        "figures": [
            _figure(figure, points, draws)
            for figure in FIGURES
            if figure.name != LOSS or _same_tokens(points)
        ],
        "matrix": _matrix(points, draws) if kind.is_sliced else [],
        "fit": _fit(points, draws) if is_fitted else None,
    }


def _points(grid: Grid, results: Mapping[str, Result]) -> Points:
    """In the order of the grid, those that have a cell."""
    points: dict[str, dict[int, Sequence[Mapping[str, Any]]]] = {}
    for cell in grid.cells:
        if found := results.get(cell.name):
            points.setdefault(cell.point, {})[cell.seed] = found["rows"]
    return points


def _cell(cell: Cell, result: Result | None) -> dict[str, Any]:
    made = {name: result[name] for name in _MADE} if result else dict.fromkeys(_MADE)
    return {
        "point": cell.point,
        "seed": cell.seed,
        "digest": cell.digest,
        "pairs": cell.pairs,
        "train": cell.train,
        "held_out": cell.held_out,
        "base_model": cell.config["base_model"],
        **made,
    }


_MADE = ("learned", "seconds", "pace", "adapter_sha256", "code_revision")


def _same_tokens(points: Points) -> bool:
    """Whether all cut the experts' texts into the same tokens: else nats a token do
    not compare."""
    seen: dict[str, int] = {}
    return all(
        seen.setdefault(row["key"], row["tokens"]) == row["tokens"]
        for cells in points.values()
        for rows in cells.values()
        for row in rows
        if row["loss"] is not None
    )


def _figure(figure: StudyFigure, points: Points, draws: Draws) -> dict[str, Any]:
    """One figure of every point, and its difference to the first point."""
    values = {point: draws.values(figure, cells) for point, cells in points.items()}
    first = next(iter(values.values()), None)
    rows = []
    for place, (point, mine) in enumerate(values.items()):
        found = told(mine)
        if found is None:
            continue
        difference = told(mine - first) if place and first is not None else None
        cells = points[point]
        rows.append(
            {
                "point": point,
                **found,
                "difference": difference,
                "seeds": len(cells),
                "pairs": len(next(iter(cells.values()))),
                "by_seed": {
                    str(seed): _plain(figure, rows) for seed, rows in cells.items()
                },
            }
        )
    return {
        "name": figure.name,
        "unit": figure.unit,
        "is_higher_better": figure.is_higher_better,
        "points": rows,
    }


def _plain(figure: StudyFigure, rows: Sequence[Mapping[str, Any]]) -> float | None:
    pairs = [(figure.part(row), figure.whole(row)) for row in rows]
    known = [(part, whole) for part, whole in pairs if part is not None]
    whole = sum(each for _, each in known)
    return float(sum(part for part, _ in known) / whole) if whole else None


def _matrix(points: Points, draws: Draws) -> list[dict[str, Any]]:
    """Effort saved by each on each slice."""
    slices = sorted(
        {
            row["slice"]
            for cells in points.values()
            for rows in cells.values()
            for row in rows
        }
    )
    found = []
    for point, cells in points.items():
        for name in slices:
            part = {
                seed: [row for row in rows if row["slice"] == name]
                for seed, rows in cells.items()
            }
            value = told(draws.values(BY_NAME[EFFORT_SAVED], part))
            pairs = len(next(iter(part.values())))
            found.append({"train": point, "test": name, "value": value, "pairs": pairs})
    return found


def _fit(points: Points, draws: Draws) -> dict[str, Any] | None:
    sizes = sorted(points, key=int)
    columns: list[Numbers] = [
        draws.values(BY_NAME[EFFORT_SAVED], points[size]) for size in sizes
    ]
    if not columns:
        return None
    return fitted.report([int(size) for size in sizes], np.stack(columns, axis=1))


def as_text(found: Mapping[str, Any]) -> str:
    """The report as tables, for a terminal."""
    lines = []
    for figure in found["figures"]:
        lines += ["", f"{figure['name']} ({figure['unit']})"]
        lines += [
            f"  {row['point']:24} {_said(row)}  seeds {row['seeds']}, "
            f"pairs {row['pairs']}"
            for row in figure["points"]
        ]
    if found["matrix"]:
        lines += ["", "effort saved, learned from -> measured on"]
        lines += [
            f"  {row['train']:20} -> {row['test']:20} {_said(row['value'])}"
            for row in found["matrix"]
        ]
    if fit := found["fit"]:
        law = f"{fit['limit']['value']:.3f} - {fit['gap']:.3g} n^-{fit['exponent']:.2f}"
        flat = f"a doubling gains less than {fit['step']} from n ="
        lines += ["", f"fitted: {law}; {flat} {_said(fit['flat_from'])}"]
    for cell in found["cells"]:
        if pace := cell["pace"]:
            lines.append(
                f"{cell['point']}, seed {cell['seed']}: "
                f"{pace['tokens'] / pace['seconds']:.0f} tokens/s, "
                f"{(pace['memory'] or 0) / 1e9:.2f} GB"
            )
    if found["missing"]:
        lines += ["", f"missing: {', '.join(found['missing'])}"]
    return "\n".join(lines).lstrip("\n")


def _said(row: Mapping[str, float] | None) -> str:
    if row is None:
        return "-"
    return f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
