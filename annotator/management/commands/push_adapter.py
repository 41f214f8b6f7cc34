from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.management.commands.export_adapter import coach_of, project_of
from annotator.services import pushing


class Command(BaseCommand):
    help = "Push a coach's adapter to the hub of COACHLM_HUB_REPOSITORY."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument(
            "--coach", type=int, help="its number in the project (the active one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_of(options["project"])
        coach = coach_of(project, options["coach"])
        try:
            push = pushing.request(project=project, actor=None, coach=coach)
        except Invalid as fault:
            raise CommandError(str(fault)) from None
        pushing.carry_out(push.pk)
        push.refresh_from_db()
        if push.state != pushing.State.DONE:
            raise CommandError(push.problem or "Another worker has taken it.")
        self.stdout.write(f"{coach} is at {push.address}.")
