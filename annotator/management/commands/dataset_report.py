from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.dataset_reports import SEED, THRESHOLD, ReportOrder, Source
from annotator.domain.errors import Invalid
from annotator.services import (
    dataset_documents,
    dataset_reporting,
    rating,
    report_pairs,
)


class Command(BaseCommand):
    help = "Measure a file of pairs before and after revision; the report is JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="with both sides, or revised")
        parser.add_argument("--raw", type=Path, help="the raw side, if it is elsewhere")
        parser.add_argument("--out", type=Path, required=True, help="a new .json file")
        parser.add_argument(
            "--judge", action="append", default=[], help="a name in JUDGES; repeatable"
        )
        parser.add_argument("--threshold", type=float, default=THRESHOLD)
        parser.add_argument("--category", default="")
        parser.add_argument("--seed", type=int, default=SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists():
            raise CommandError(f"{out} is there already: move it away first.")
        try:
            document = self._made(options)
            part = out.with_name(f"{out.name}.part")
            text = json.dumps(document, ensure_ascii=False, indent=1)
            part.write_text(text, encoding="utf-8")
            part.rename(out)
            _ratings_of(out).unlink(missing_ok=True)
        except (Invalid, OSError) as fault:
            raise CommandError(str(fault)) from None
        self._tell(document)
        self.stdout.write(f"The whole report: {out}")

    def _made(self, options: dict[str, Any]) -> dict[str, Any]:
        file, raw = options["file"], options["raw"]
        order = dataset_reporting.order_of(
            {
                "source": Source.FILE,
                "file": file.name,
                "raw_file": raw.name if raw else "",
                "judges": options["judge"],
                "threshold": options["threshold"],
                "category": options["category"],
                "seed": options["seed"],
            }
        )
        rating.check(order.judges)
        paths = [path for path in (file, raw) if path]
        read = report_pairs.of_files(order, paths)
        return self._document(read, order, _ratings_of(options["out"]))

    def _document(
        self, read: report_pairs.Read, order: ReportOrder, kept: Path
    ) -> dict[str, Any]:
        is_watched = self.stderr.isatty()

        def tell(stage: str, done: int, of: int) -> None:
            if is_watched:
                share = f" {done:,} of {of:,}" if of else ""
                self.stderr.write(f"\r{stage}{share}   ", ending="")

        known = rating.known()
        judges = {name: known[name] for name in order.judges}
        made = dataset_documents.document(
            read, order, judges=judges, kept=kept, tell=tell
        )
        if is_watched:
            self.stderr.write("")
        return made

    def _tell(self, document: dict[str, Any]) -> None:
        left = ", ".join(f"{n:,} {why}" for why, n in document["left_out"].items())
        self.stdout.write(
            f"{document['pairs']:,} pairs" + (f"; left out: {left}" if left else "")
        )
        changed = document["changed"]["shares"]["pair"]
        self.stdout.write(f"changed: {changed['value']:.1%}")
        for each in document["ratings"]["judges"]:
            if not each["pairs"]:
                continue
            mean, share = each["whole"]["mean"], each["whole"]["share"]
            self.stdout.write(
                f"{each['judge']}: mean {_arrow(mean)}; at or above the threshold "
                f"{_arrow(share)}"
            )
        for part, lengths in document["lengths"].items():
            self.stdout.write(
                f"{part}: words, median {_arrow(lengths['words']['median'])}"
            )


def _ratings_of(out: Path) -> Path:
    """Where ratings lie until the report is whole: the same command goes on after a
    kill."""
    return out.with_name(f"{out.name}.ratings.jsonl")


def _arrow(figure: dict[str, Any]) -> str:
    raw, revised = figure["raw"]["value"], figure["revised"]["value"]
    rise = figure["difference"]
    return f"{raw:.3g} -> {revised:.3g} [{rise['low']:+.3g}, {rise['high']:+.3g}]"
