from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import WorkflowError
from annotator.management.commands.export_adapter import project_of
from annotator.selectors import coaching
from annotator.services import snapshotting


class Command(BaseCommand):
    help = (
        "Queue a run on a project's accepted reviews, the project's way; the training "
        "worker starts it when it is free."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument(
            "--folds",
            type=int,
            default=0,
            help="parts that draft each other, for the estimate of which drafts help",
        )
        parser.add_argument(
            "--preview", action="store_true", help="say what it would take, start none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_of(options["project"])
        try:
            plan = snapshotting.plan_for(project, folds=options["folds"])
            if options["preview"]:
                self._tell(snapshotting.preview(project, plan))
                return
            run = snapshotting.start_run(project=project, actor=None, plan=plan)
        except WorkflowError as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{run} is queued.".capitalize())

    def _tell(self, found: snapshotting.Preview) -> None:
        run = coaching.estimate(found.tokens)
        more = coaching.cross_fitting_minutes(found.fold_tokens, found.cross_fitted)
        self.stdout.write(f"Learned from: {found.selected} of {found.accepted}")
        self.stdout.write(f"Measured on: {found.measured}")
        self.stdout.write(f"Minutes: {_minutes(run)}")
        if found.fold_tokens:
            self.stdout.write(f"Minutes of the folds, on top: {_minutes(more)}")
            self.stdout.write(found.folds_too_small or "The folds are large enough.")


def _minutes(found: float | None) -> str:
    return "not known before the first run here" if found is None else f"{found:.0f}"
