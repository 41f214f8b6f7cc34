from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.services import exchanging
from training.models import CoachVersion
from training.selectors import active_coach


class Command(BaseCommand):
    help = "Write a coach's adapter as a zip that peft loads, with its model card."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument("out", type=Path, help="where the zip is to lie")
        parser.add_argument(
            "--coach", type=int, help="its number in the project (the active one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_of(options["project"])
        coach = coach_of(project, options["coach"])
        out: Path = options["out"]
        part = out.with_name(f"{out.name}.part")
        try:
            with (
                exchanging.pack(project=project, actor=None, coach=coach) as file,
                part.open("wb") as target,
            ):
                shutil.copyfileobj(file, target)
            part.rename(out)
        except (OSError, Invalid) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{coach} is in {out}.")


def project_of(slug: str) -> Project:
    """The project that was named, or a sentence that there is none."""
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug}.")
    return project


def coach_of(project: Project, number: int | None) -> CoachVersion:
    """The coach that was named, else the active one, or a sentence."""
    if number is None:
        coach = active_coach(project.scope)
    else:
        mine = CoachVersion.objects.filter(scope=project.scope)
        coach = mine.filter(number=number).first()
    if coach is None:
        asked = "active coach" if number is None else f"coach {number}"
        raise CommandError(f"{project} has no {asked}.")
    return coach
