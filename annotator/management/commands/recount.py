from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.models import Project
from annotator.services.tallies import folding, recounting


class Command(BaseCommand):
    help = (
        "Count everything anew from the event log and the rows, and name what differs "
        "in tallies and states. Exits with 1 if anything does."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("slugs", nargs="*", help="projects; none given: all")
        parser.add_argument(
            "--mend",
            action="store_true",
            help="count the tallies anew and keep that; rows are never changed",
        )

    def handle(self, *, slugs: list[str], mend: bool, **options: Any) -> None:
        projects = Project.objects.order_by("slug")
        if slugs:
            projects = projects.filter(slug__in=slugs)
        if unknown := set(slugs) - {project.slug for project in projects}:
            raise CommandError(f"There is no project {', '.join(sorted(unknown))}.")
        if wrong := sum(self._recount(project, mend=mend) for project in projects):
            raise CommandError(f"{wrong} differences.")

    def _recount(self, project: Project, *, mend: bool) -> int:
        if mend:
            folding.rebuild(project)
        found = recounting.recount(project)
        for difference in found:
            self.stdout.write(
                f"{project.slug}: {difference.kind}: {difference.sentence}"
            )
        count = sum(difference.count for difference in found)
        if not count:
            self.stdout.write(f"{project.slug}: all figures are what the rows say.")
        return count
