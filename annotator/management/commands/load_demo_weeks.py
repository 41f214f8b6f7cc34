from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from annotator.services.made_up import weeks


class Command(BaseCommand):
    help = "Tell the made-up weeks of the demo's second project, if they are lacking."

    def handle(self, *args: Any, **options: Any) -> None:
        project = weeks.to_fill()
        if project is None or not weeks.fill(project):
            self.stdout.write("There are no weeks to be told.")
        else:
            self.stdout.write(f"Told {project}: {project.pairs.count()} pairs.")
