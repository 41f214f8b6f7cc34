from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.formats.reading import UnreadableFile
from annotator.models import Batch, Project
from annotator.selectors import imports
from annotator.services import importing, receiving

BAR = 30


class Command(BaseCommand):
    help = "Import a JSON, JSONL or CSV file of pairs into a project."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--revised-as-accepted",
            action="store_true",
            help="take a row's revised side as an accepted review",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            project = Project.objects.get(slug=options["project"])
            with options["file"].open("rb") as file:
                batch = receiving.receive(
                    project=project,
                    actor=None,
                    file=file,
                    name=options["file"].name,
                    revised_as_accepted=options["revised_as_accepted"],
                )
            self._read(batch)
        except Project.DoesNotExist:
            raise CommandError(f"There is no project {options['project']}.") from None
        except (OSError, UnreadableFile) as error:
            raise CommandError(str(error)) from None
        if batch.problem:
            raise CommandError(
                f"{batch.problem} {batch.rows} rows are in, and its page tries again."
            )
        self.stdout.write(
            f"{batch.imported} pairs imported, {batch.duplicates} known already, "
            f"{batch.rejected} rows rejected of {batch.rows}."
        )
        for reject in batch.rejects.all()[:20]:
            self.stderr.write(f"row {reject.row}: {reject.message}")
        for remark in batch.remarks.all()[:20]:
            self.stderr.write(str(remark))
        if batch.extra_columns:
            named = ", ".join(batch.extra_columns)
            self.stderr.write(f"Kept with the pairs, and not shown: {named}")
        if waiting := batch.offers.waiting().count():
            self.stderr.write(
                f"{waiting} revisions came for pairs that are here already, or were "
                "not to be accepted: the batch's page offers them."
            )

    def _read(self, batch: Batch) -> None:
        """Read it here, and say how far it is where a person looks on."""
        is_watched = self.stderr.isatty()

        def tell(batch: Batch) -> None:
            if not is_watched:
                return
            at = imports.progress(batch)
            done = round(BAR * (at.share or 0))
            pace = f"{at.rows_per_second:,.0f} rows/s" if at.rows_per_second else ""
            left = f"{at.seconds_left:,.0f} s left" if at.seconds_left else ""
            bar = "#" * done + "." * (BAR - done)
            self.stderr.write(
                f"\r[{bar}] {batch.rows:,} rows  {pace}  {left}   ", ending=""
            )

        importing.read(batch.pk, tell=tell)
        if is_watched:
            self.stderr.write("")
        batch.refresh_from_db()
