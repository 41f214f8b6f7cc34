"""The cells of a study: a coach each, told in full before any is trained.

A study's folder holds `grid.json`, what coaches learn from and are measured on in
`data/NAME.jsonl`, and a folder a cell in `cells/DIGEST/`. The digest changes with all
that could change a cell's figures; so a cell that another study has is not made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from training.config import LoraConfig
from training.examples import RevisionExample, write_jsonl

FORMAT = 1
NAME = "grid.json"
RESULT = "result.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A coach that a study wants."""

    point: str
    """Where on the study's axis: a share, a number of pairs, a base model, a slice."""
    seed: int
    train: Sequence[RevisionExample]
    """Of a later generation: the pairs that its parent drafts."""
    held_out: Sequence[RevisionExample]
    config: Mapping[str, Any]
    """Of LoraConfig, what differs from its defaults."""
    after: str = ""
    """The cell whose own accepted drafts it learns from, by its name."""
    is_timed: bool = False
    """Whether its pace and memory are measured, too."""

    @property
    def name(self) -> str:
        return name_of(self.point, self.seed)


def name_of(point: str, seed: int) -> str:
    return f"{point}·{seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The same, laid down."""

    point: str
    seed: int
    train: str
    """Names of files in `data/`, without their ending: the start of their SHA-256."""
    held_out: str
    pairs: int
    """That it learns from, or that its parent drafts."""
    config: dict[str, Any]
    after: str = ""
    is_timed: bool = False
    digest: str = ""

    @property
    def name(self) -> str:
        return name_of(self.point, self.seed)

    @property
    def lora(self) -> LoraConfig:
        return LoraConfig.from_dict({**self.config, "seed": self.seed})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A study's cells, in the order in which they are made."""

    kind: str
    recipe: str
    backend: str
    judge: str
    """Version of the judge that accepts drafts."""
    cells: tuple[Cell, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        told["cells"] = tuple(Cell(**cell) for cell in told["cells"])
        return cls(**told)

    def cell(self, name: str) -> Cell:
        return next(cell for cell in self.cells if cell.name == name)


def lay_down(
    folder: Path,
    planned: Iterable[Planned],
    *,
    kind: str,
    recipe: str,
    backend: str,
    judge: str,
) -> Grid:
    """Write a study's folder, of cells in the order in which they are to be made; a
    parent comes before its child. Cells that are there already stay."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    cells: dict[str, Cell] = {}
    for each in planned:
        train, held_out = (
            _written(folder, part) for part in (each.train, each.held_out)
        )
        cell = Cell(
            point=each.point,
            seed=each.seed,
            train=train,
            held_out=held_out,
            pairs=len(each.train),
            config=LoraConfig.from_dict({**each.config, "seed": each.seed}).as_dict(),
            after=each.after,
            is_timed=each.is_timed,
        )
        parent = cells[each.after].digest + judge if each.after else ""
        digest = _digest(cell, recipe, backend, parent)
        cells[cell.name] = replace(cell, digest=digest)
    grid = Grid(
        kind=kind, recipe=recipe, backend=backend, judge=judge, cells=(*cells.values(),)
    )
    write_whole(folder / NAME, asdict(grid))
    return grid


def _written(folder: Path, examples: Sequence[RevisionExample]) -> str:
    """Written once, whatever it is called: the name is the content's."""
    part = folder / "data" / "new.jsonl"
    name = write_jsonl(part, examples)[:16]
    part.rename(folder / "data" / f"{name}.jsonl")
    return name


def _digest(cell: Cell, recipe: str, backend: str, parent: str) -> str:
    told = [FORMAT, cell.config, cell.train, cell.held_out, cell.is_timed]
    whole = json.dumps([*told, recipe, backend, parent], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def folder_of(folder: Path, cell: Cell) -> Path:
    return folder / "cells" / cell.digest


def keep(folder: Path, digest: str, result: Mapping[str, Any]) -> None:
    """Let a cell that another study has made be there."""
    place = folder / "cells" / digest
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / RESULT, result)


def results(folder: Path, grid: Grid) -> dict[str, dict[str, Any]]:
    """What is measured, by the cells' names."""
    found = {}
    for cell in grid.cells:
        path = folder_of(folder, cell) / RESULT
        if path.exists():
            found[cell.name] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_whole(path: Path, told: Mapping[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(told, ensure_ascii=False, allow_nan=False))
    part.rename(path)
