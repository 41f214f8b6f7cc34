from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.services import reading_files
from annotator.services.snapshotting import accepted_examples
from training.evaluation.judges.fitting import fit
from training.evaluation.judges.preference_model import Papers, UnfitModel
from training.examples import RevisionExample


class Command(BaseCommand):
    help = (
        "Fit the embedded judge on revisions (docs/proof.md): it learns what your "
        "experts prefer, and is tested on what it has not seen."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, help="where the model goes: a .json")
        given = parser.add_mutually_exclusive_group(required=True)
        given.add_argument("--file", type=Path, help="raw and revised texts in a row")
        given.add_argument("--project", help="its accepted reviews, by its short name")
        parser.add_argument(
            "--leave-out-bad",
            action="store_true",
            help="use the other rows if some cannot be read",
        )

    def handle(self, *, out: Path, **options: Any) -> None:
        if not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}: make it first.")
        try:
            model = fit(_revisions(options))
            model.write(out)
        except (Invalid, UnfitModel, OSError) as fault:
            raise CommandError(str(fault)) from None
        self._tell(model.papers)
        self.stdout.write(f"{out} is written.")

    def _tell(self, papers: Papers) -> None:
        self.stdout.write(
            f"Fitted on {papers.fitted_on} revisions; {papers.held_out} were held out. "
            "How often the experts' text is preferred by weights that never saw it:"
        )
        for row in papers.accuracies:
            self.stdout.write(
                f"  {row.pairs} ({row.n}), {row.judge}: {row.value:.1%} "
                f"[{row.low:.1%}, {row.high:.1%}]"
            )
        if not papers.beats_length:
            self.stdout.write(
                "This judge agrees with the experts no better than length does: where "
                "responses are of like length its gain over length is "
                f"{papers.gain:.1%} [{papers.gain_low:.1%}, {papers.gain_high:.1%}]."
            )


def _revisions(options: dict[str, Any]) -> list[RevisionExample]:
    if source := options["file"]:
        bad = options["leave_out_bad"]
        return reading_files.revisions(source, leave_out_bad=bad)
    project = Project.objects.filter(slug=options["project"]).first()
    if project is None:
        raise Invalid(f"There is no project {options['project']!r}.")
    return list(accepted_examples(project))
