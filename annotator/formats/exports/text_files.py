"""Rows as text: JSON lines, a JSON list, CSV; compressed with gzip if wished."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from annotator.formats import csv_text
from annotator.formats.exports.columns import cell
from annotator.formats.exports.orders import ExportFile
from annotator.formats.json_values import dumps

LEVEL = 5
"""Of gzip: a third of the time of the highest one, for a tenth more bytes."""


class TextFile:
    """A file of rows that is written piece by piece; memory stays constant."""

    def __init__(
        self, path: Path, kind: ExportFile, names: Sequence[str], *, packed: bool
    ) -> None:
        self.kind = kind
        self.names = names
        self.count = 0
        self._raw = path.open("xb")
        self._file: IO[bytes] = self._raw
        if packed:
            # No name and no time within: the same rows are the same file.
            self._file = gzip.GzipFile("", "wb", LEVEL, self._raw, mtime=0)  # type: ignore[assignment]

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        match self.kind:
            case ExportFile.CSV:
                text = self._csv(rows)
            case ExportFile.JSON:
                text = self._list(rows)
            case _:
                text = "".join([f"{dumps(row)}\n" for row in rows])
        self._file.write(text.encode())
        self.count += len(rows)

    def _list(self, rows: Iterable[Mapping[str, Any]]) -> str:
        opening = ",\n" if self.count else "[\n"
        return opening + ",\n".join(map(dumps, rows))

    def _csv(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """Every cell quoted: read back as it was by every reader."""
        values = ([cell(row.get(name)) for name in self.names] for row in rows)
        lines = csv_text.lines(self.names, values, quoted=True)
        head = next(lines)
        return ("" if self.count else head) + "".join(lines)

    def finish(self) -> None:
        """Write what closes the file, and close it."""
        if self.kind == ExportFile.JSON:
            self._file.write(b"\n]\n" if self.count else b"[]\n")
        if self.kind == ExportFile.CSV and not self.count:
            head = next(csv_text.lines(self.names, (), quoted=True))
            self._file.write(head.encode())
        self.close()

    def close(self) -> None:
        self._file.close()
        self._raw.close()
