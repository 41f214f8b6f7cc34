from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.formats.exports.orders import (
    Beside,
    ExportFile,
    ExportShape,
    Looked,
    RejectedSide,
    StateWanted,
)
from annotator.models import Export, Project
from annotator.services import exporting, writing_out

BAR = 30
CHOICES = {
    "shape": (ExportShape, "what a row is (alpaca)"),
    "file": (ExportFile, "what the rows lie in (as OUT ends, else jsonl)"),
    "beside": (Beside, "what goes out with the texts (all)"),
    "rejected": (RejectedSide, "what dpo and kto prefer the final text to (draft)"),
    "state": (StateWanted, "which pairs; others than accepted: audit alone"),
    "looked": (Looked, "whether quality control looked at them"),
}
WORDS = {
    "batch": "number of a batch",
    "category": "category; - for none",
    "person": "user name of the author",
    "coach": "number of a coach version; 0: without a draft",
    "since": "accepted on this day or later: 2026-01-31",
    "until": "accepted on this day or earlier",
}


class Command(BaseCommand):
    help = "Write pairs of a project to a file, and a manifest beside it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--gzip", action="store_true")
        for name, (kind, told) in CHOICES.items():
            parser.add_argument(f"--{name}", help=f"{told}: {', '.join(kind)}")
        for name, told in WORDS.items():
            parser.add_argument(f"--{name}", help=told)

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        names = ("gzip", *CHOICES, *WORDS)
        given = {name: options[name] for name in names if options[name]}
        _read_ending(out, given)
        try:
            project = Project.objects.get(slug=options["project"])
            order = exporting.order_of(given)
            out.touch()
            export = exporting.request(project=project, actor=None, order=order)
        except Project.DoesNotExist:
            raise CommandError(f"There is no project {options['project']}.") from None
        except (OSError, Invalid) as error:
            raise CommandError(str(error)) from None
        self._write(export, out)

    def _write(self, export: Export, out: Path) -> None:
        """Write it here, and say how far it is where a person looks on."""
        is_watched = self.stderr.isatty()

        def tell(export: Export) -> None:
            if is_watched and export.pairs:
                done = round(BAR * export.done / export.pairs)
                bar = "#" * done + "." * (BAR - done)
                line = f"\r[{bar}] {export.done:,} of {export.pairs:,} pairs   "
                self.stderr.write(line, ending="")

        exporting.write(export.pk, tell=tell)
        if is_watched:
            self.stderr.write("")
        export.refresh_from_db()
        if export.state != Export.State.DONE:
            raise CommandError(export.problem or f"It is {export.state}.")
        shutil.move(exporting.file_of(export), out)
        exporting.forget(export)
        beside = out.with_name(f"{out.name}.manifest.json")
        beside.write_text(writing_out.as_text(export.manifest), encoding="utf-8")
        self.stdout.write(
            f"{export.rows:,} rows from {export.manifest['pairs']:,} pairs: {out} "
            f"({export.size:,} bytes, sha256 {export.sha256[:12]})."
        )


def _read_ending(out: Path, given: dict[str, Any]) -> None:
    """Where no kind of file is named, the ending of its name does."""
    name = out.name.lower()
    if name.endswith(".gz") and "file" not in given:
        given["gzip"] = True
        name = name.removesuffix(".gz")
    ending = name.rpartition(".")[2]
    if "file" not in given:
        kinds = {"zip": ExportFile.HUB, "ndjson": ExportFile.JSONL}
        known = {kind.value: kind for kind in ExportFile} | kinds
        given["file"] = known.get(ending, ExportFile.JSONL).value
