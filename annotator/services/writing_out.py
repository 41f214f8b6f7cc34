"""Write one export's file from its pairs, and the papers that go with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.utils import timezone

from annotator import __version__
from annotator.database.ahead import read_ahead
from annotator.formats.exports.cards import card
from annotator.formats.exports.digests import FilePaper, paper_of
from annotator.formats.exports.orders import ExportFile, ExportOrder
from annotator.formats.exports.text_files import TextFile
from annotator.models import Export, Pair
from annotator.selectors import exported
from annotator.services.export_contents import ExportContents, Rows

if TYPE_CHECKING:
    from annotator.formats.exports.hub_folders import HubFolder

FORMAT = 3
"""Of the manifest."""
Tell = Callable[[int, int], None]
"""Called now and then with the pairs and rows that are through; what it raises ends
the writing."""
Manifest = dict[str, Any]


class Sink(Protocol):
    """A file of rows under way."""

    @property
    def count(self) -> int: ...
    def add(self, rows: Rows) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is whole."""

    paper: FilePaper
    manifest: Manifest


def write(export: Export, contents: ExportContents, path: Path, tell: Tell) -> Written:
    """Write all rows to a new file at `path`; memory stays constant."""
    sink = _sink(export.order, contents, path, lambda: tell(0, 0))
    try:
        passed = 0
        chunks = exported.chunks(contents.ids)
        for ids, found in read_ahead(chunks, contents.read):
            sink.add(contents.rows(found))
            passed += len(ids)
            tell(passed, sink.count)
        sink.finish()
        manifest = _manifest(export, contents, sink.count)
        if export.order.file == ExportFile.HUB:
            _pack(export, cast("HubFolder", sink), manifest)
    except BaseException:
        with suppress(Exception):
            sink.close()
        raise
    paper = paper_of(path, name=export.name, rows=sink.count)
    return Written(paper, manifest | {"files": [asdict(paper)]})


def _sink(
    order: ExportOrder, contents: ExportContents, path: Path, tell: Callable[[], None]
) -> Sink:
    if order.file in (ExportFile.JSONL, ExportFile.JSON):
        return TextFile(path, order.file, (), packed=order.gzip)
    columns, turn_keys = contents.columns(tell)
    if order.file == ExportFile.CSV:
        return TextFile(path, order.file, list(columns), packed=order.gzip)
    # Here, since the web process writes none: Arrow is 40 MB.
    from annotator.formats.exports.hub_folders import HubFolder
    from annotator.formats.exports.parquet_files import ParquetFile

    if order.file == ExportFile.PARQUET:
        return ParquetFile(path, columns, turn_keys)
    return HubFolder(path, columns, turn_keys)


def _pack(export: Export, folder: HubFolder, manifest: Manifest) -> None:
    project = export.project
    inner = manifest | {"files": [asdict(shard) for shard in folder.shards]}
    folder.pack(
        {
            "README.md": card(project.name, project.language, inner),
            "manifest.json": as_text(inner),
        }
    )


def as_text(manifest: Manifest) -> str:
    """A manifest as it lies beside its file."""
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"


def _manifest(export: Export, contents: ExportContents, rows: int) -> Manifest:
    project, asked_by = export.project, export.asked_by
    states = Pair.objects.filter(project=project).by_state()
    return {
        "format": FORMAT,
        "product": "CoachLM",
        "version": __version__,
        "project": project.slug,
        "made_at": timezone.now().isoformat(),
        "asked_by": asked_by.get_username() if asked_by else None,
        "asked": export.order.as_dict(),
        "order": "batch, then row of the import",
        "rows": rows,
        "pairs": contents.pairs,
        "left_out": dict(contents.left_out),
        **contents.counts(),
        "project_pairs_by_state": {state.value: n for state, n in states.items()},
    }
