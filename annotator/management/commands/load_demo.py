from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from annotator.services import demo


class Command(BaseCommand):
    help = "Load the demo project into an empty installation."

    def handle(self, *args: Any, **options: Any) -> None:
        project = demo.load()
        if project is None:
            self.stdout.write("There are accounts already: the demo was not loaded.")
        else:
            self.stdout.write(f"Loaded {project}: {project.pairs.count()} pairs.")
