from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import WorkflowError
from annotator.models import Project
from annotator.services import exchanging


class Command(BaseCommand):
    help = (
        "Make an adapter in a zip a coach of a project; the training worker evaluates "
        "it before it may draft."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument("zip", type=Path)
        parser.add_argument("--name", default="")
        parser.add_argument("--base-model", default="", help="as the adapter says")
        parser.add_argument("--prompt", default="", help="as its papers say")
        parser.add_argument("--wording", default="", help="as its papers say")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}.")
        names = ("name", "base_model", "prompt", "wording")
        try:
            with options["zip"].open("rb") as file:
                coach = exchanging.take_in(
                    project=project,
                    actor=None,
                    file=file,
                    **{name: options[name] for name in names},
                )
        except (OSError, WorkflowError) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{coach} is here; {coach.run} evaluates it.")
