"""A folder that `datasets.load_dataset` reads, as one zip: Parquet shards, papers."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotator.formats.exports.columns import Columns
from annotator.formats.exports.digests import FilePaper, paper_of
from annotator.formats.exports.parquet_files import ParquetFile

SHARD = 200_000
"""Rows a file."""
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class HubFolder:
    """Shards are written beside the zip, one at a time, and packed at the end."""

    path: Path
    columns: Columns
    turn_keys: Mapping[str, Sequence[str]]
    shards: list[FilePaper] = field(default_factory=list)
    """Those that are finished."""
    _zip: zipfile.ZipFile = field(init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)
    _shard: ParquetFile | None = None

    def __post_init__(self) -> None:
        # The shards are compressed already.
        self._zip = zipfile.ZipFile(self.path, "x", zipfile.ZIP_STORED)
        self._folder = tempfile.TemporaryDirectory(dir=self.path.parent)

    @property
    def count(self) -> int:
        begun = self._shard.count if self._shard else 0
        return begun + sum(shard.rows for shard in self.shards)

    @property
    def _place(self) -> Path:
        return Path(self._folder.name) / f"train-{len(self.shards):05}.parquet"

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if self._shard is None:
            self._shard = ParquetFile(self._place, self.columns, self.turn_keys)
        self._shard.add(rows)
        if self._shard.count >= SHARD:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._shard is None:
            return
        self._shard.finish()
        place, count, self._shard = self._place, self._shard.count, None
        name = f"data/{place.name}"
        self._pack(name, place)
        self.shards.append(paper_of(place, name=name, rows=count))
        place.unlink()

    def _pack(self, name: str, place: Path) -> None:
        self._zip.write(place, name)

    def finish(self) -> None:
        """End the last shard; the papers may follow."""
        if not self.count:
            self.add([])
        self._end_shard()

    def pack(self, papers: Mapping[str, str]) -> None:
        """Add texts by their names, and close the zip."""
        for name, text in papers.items():
            self._zip.writestr(zipfile.ZipInfo(name, EPOCH), text)
        self.close()

    def close(self) -> None:
        if self._shard:
            self._shard.close()
        self._zip.close()
        self._folder.cleanup()
