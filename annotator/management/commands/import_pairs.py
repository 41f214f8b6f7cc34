from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.formats.encodings import NAMES
from annotator.formats.reading import UnknownShape, UnreadableFile
from annotator.formats.sources import open_source
from annotator.models import Batch, Project
from annotator.selectors import imports
from annotator.services import importing, mapping, receiving
from annotator.services.receiving import Way

BAR = 30
HINT = "Say which column is what: --mapping FILE."


def _way(options: dict[str, Any]) -> Way:
    file = options["mapping"]
    return mapping.way_of({**options, "mapping": file.read_bytes() if file else ""})


class Command(BaseCommand):
    help = "Import a file of pairs or chats into a project."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument(
            "file",
            help="a file, a folder that datasets.save_to_disk made, or "
            "hub:OWNER/NAME[:SPLIT] where the package datasets is installed",
        )
        parser.add_argument(
            "--revised-as-accepted",
            action="store_true",
            help="take a row's revised side as an accepted review",
        )

        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="which column is what, as a JSON object (docs/files.md)",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would come of it, and store nothing",
        )
        parser.add_argument(
            "--same-id",
            choices=Batch.SameId.values,
            default=Batch.SameId.ADD,
            help="what becomes of a row whose id is here with another text",
        )
        parser.add_argument(
            "--encoding",
            choices=NAMES,
            default="",
            help="of a text file; without it, it is told apart",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            project = Project.objects.get(slug=options["project"])
            with open_source(options["file"]) as (file, name):
                batch = receiving.receive(
                    project=project,
                    actor=None,
                    file=file,
                    name=name,
                    way=_way(options),
                    revised_as_accepted=options["revised_as_accepted"],
                )
            self._read(batch)
        except Project.DoesNotExist:
            raise CommandError(f"There is no project {options['project']}.") from None
        except UnknownShape as error:
            raise CommandError(f"{error} {HINT}") from None
        except (OSError, UnreadableFile, Invalid) as error:
            raise CommandError(str(error)) from None
        if batch.state == Batch.State.ASKING:
            receiving.drop(batch)
            self._tell(batch.report or self._refuse(batch.problem))
        else:
            self._told(batch)

    def _refuse(self, problem: str) -> NoReturn:
        raise CommandError(f"{problem} {HINT}")

    def _tell(self, report: dict[str, Any]) -> None:
        """What a dry run found."""
        self.stdout.write(
            "{fresh} pairs would be imported, {duplicates_here} are known already, "
            "{duplicates_in_file} come twice, {same_id} have an id that is here with "
            "another text; {rejected} rows would be rejected of {rows}. Nothing is "
            "stored.".format_map(report)
        )
        for reject in report["rejects"][:20]:
            self.stderr.write("row {row}: {message}".format_map(reject))
        for remark in report["remarks"][:20]:
            self.stderr.write(remark)

    def _told(self, batch: Batch) -> None:
        """What became of the rows."""
        if batch.problem:
            raise CommandError(
                f"{batch.problem} {batch.rows} rows are in, and its page tries again."
            )
        updated = f"{batch.updated} updated, " if batch.updated else ""
        self.stdout.write(
            f"{batch.imported} pairs imported, {updated}"
            f"{batch.duplicates} known already, "
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
