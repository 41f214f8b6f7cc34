from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.coach_studies import CoachStudyOrder, StudyKind
from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.services import coach_study_pairs, coach_studying, reading_files
from training.causes import Failed
from training.evaluation.coach_studies import grid, reporting, work
from training.services import judging


class Command(BaseCommand):
    help = (
        "Train coaches that differ in one respect, and measure them alike "
        "(docs/proof.md). Stopped or killed, the same command goes on where it was; "
        "what is measured in the folder is not measured again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[kind.value for kind in StudyKind])
        parser.add_argument("folder", type=Path, help="where the study is kept")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--file", type=Path, help="pairs with their revisions")
        source.add_argument(
            "--project", help="accepted pairs of a project, by its slug"
        )
        parser.add_argument(
            "--values", help="points, with commas between; else the usual ones"
        )
        parser.add_argument("--seeds", type=int, nargs="+", default=[17, 18])
        parser.add_argument(
            "--measured", type=int, default=100, help="held-out pairs each drafts"
        )
        parser.add_argument("--learned", type=int, help="the most pairs learned from")
        parser.add_argument("--epochs", type=int, default=2)
        parser.add_argument("--base-model", help="instead of the installation's")
        parser.add_argument(
            "--minutes", type=float, help="begin no coach after so many"
        )
        parser.add_argument(
            "--leave-out-bad",
            action="store_true",
            help="go on without the rows that cannot be read",
        )

    def handle(
        self, *, kind: str, folder: Path, minutes: float | None, **asked: Any
    ) -> None:
        try:
            order = coach_studying.order_of(
                {
                    "kind": kind,
                    "values": asked["values"],
                    "base_model": asked["base_model"],
                    **{
                        name: asked[name]
                        for name in ("seeds", "measured", "learned", "epochs")
                    },
                }
            )
            judge = judging.embedded()
            laid = self._lay_out(folder, order, judge.version, asked)
            report = work.carry_out(folder, judge, minutes)
        except (Invalid, judging.NoJudge, OSError) as fault:
            raise CommandError(str(fault)) from None
        except Failed as fault:
            raise CommandError(
                f"{fault} The same command goes on from there."
            ) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. The same command goes on from here.") from None
        self.stdout.write(reporting.as_text(report))
        self.stdout.write(
            f"{len(laid.cells) - len(report['missing'])} of {len(laid.cells)} coaches "
            f"are measured; {folder / work.REPORT} is written."
        )

    def _lay_out(
        self,
        folder: Path,
        order: CoachStudyOrder,
        judge: str,
        asked: dict[str, Any],
    ) -> grid.Grid:
        if asked["file"]:
            found = coach_study_pairs.of_examples(
                reading_files.revisions(
                    asked["file"], leave_out_bad=asked["leave_out_bad"]
                )
            )
        else:
            found = coach_study_pairs.of_project(_project(asked["project"]))
        return grid.lay_down(
            folder,
            coach_study_pairs.cells(found, order),
            kind=order.kind,
            recipe=settings.TRAINING_RECIPE,
            backend=settings.REVISION_BACKEND,
            judge=judge,
        )


def _project(slug: str) -> Project:
    try:
        return Project.objects.get(slug=slug)
    except Project.DoesNotExist:
        raise CommandError(f"There is no project {slug}.") from None
