from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.models.projects import QUIET_BELOW
from annotator.services import revising_files
from annotator.services.holding_back import SHOW_ALL, asking, for_datasets
from annotator.services.revising_files import FileProgress, Job
from revision_engine.backends.base import Backend
from revision_engine.types import CoachRef, PairText
from training.manifest import PRINT_CHARS, Manifest
from training.selectors import active_coach, knowledge
from training.services.estimating import beside
from training.services.launching import install

SAY_EVERY = 2.0
"""Seconds between two lines of progress."""


class Command(BaseCommand):
    help = (
        "Revise a file of pairs (docs/files.md) with no person in the loop. "
        "Stopped or killed, the same command goes on where it was."
    )
    requires_system_checks: list[str] = []
    told = False

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("source", type=Path)
        parser.add_argument(
            "out",
            type=Path,
            help="rows with provenance: JSON lines if it ends in .jsonl, else .json",
        )
        parser.add_argument(
            "--project", help="use its active coach (needs the database)"
        )

        parser.add_argument(
            "--leave-out-bad",
            action="store_true",
            help="revise the other rows if some cannot be read",
        )

    def handle(self, *, source: Path, out: Path, project: str, **options: Any) -> None:
        began = said = time.monotonic()
        make = self._of_project if project else _shipped
        job = replace(
            make(project, source, out), leave_out_bad=options["leave_out_bad"]
        )
        progress = None
        try:
            for progress in revising_files.revise(job, lambda: _backend(job.coach)):
                self._tell_once(progress)
                if time.monotonic() - said >= SAY_EVERY:
                    said = time.monotonic()
                    self.stderr.write(_sentence(progress, said - began))
        except Invalid as fault:
            raise CommandError(str(fault)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Give the same command again to go on."
            ) from None
        if progress:
            self.stderr.write(_sentence(progress, time.monotonic() - began))
        self.stdout.write(f"{out} is written.")

    def _tell_once(self, progress: FileProgress) -> None:
        """What is odd about the file, before any work."""
        if self.told:
            return
        self.told = True
        for remark in progress.remarks:
            self.stderr.write(remark)
        if progress.left_out:
            self.stderr.write(f"{progress.left_out} rows cannot be read: left out.")
        if progress.columns:
            named = ", ".join(progress.columns)
            self.stderr.write(f"Not seen by the coach, and kept with the rows: {named}")

    def _of_project(self, slug: str, source: Path, out: Path) -> Job:
        project = Project.objects.filter(slug=slug).first()
        coach = active_coach(project.scope) if project else None
        if project is None or coach is None:
            raise CommandError(f"There is no project {slug!r} with an active coach.")
        return Job(
            source=source,
            out=out,
            coach=coach.ref,
            known=knowledge(coach),
            ask=for_datasets(project, coach),
            language=project.language,
        )


def _shipped(_: str, source: Path, out: Path) -> Job:
    folder = Path(settings.SHIPPED_COACH)
    own = set(Manifest.read(folder).trained_on)

    def known(prints: Sequence[str]) -> dict[str, PairText | None]:
        return {key: None for key in prints if key[:PRINT_CHARS] in own}

    coach = install(folder)
    came = beside(folder, coach.adapter_sha256)
    ask = asking(came[0], QUIET_BELOW, 0.0) if came else SHOW_ALL
    return Job(source=source, out=out, coach=coach, known=known, ask=ask)


def _backend(coach: CoachRef) -> Backend:
    backend: Backend = import_string(settings.REVISION_BACKEND)(
        coach, Path(settings.COACH_STORE)
    )
    return backend


def _sentence(progress: FileProgress, seconds: float) -> str:
    parts = [f"{progress.done} of {progress.total} rows"]
    if progress.left_out:
        parts.append(f"{progress.left_out} left out")
    left = progress.total - progress.done
    if progress.now and left:
        minutes = left * seconds / progress.now / 60
        parts.append(f"about {minutes:.0f} min left")
    parts += [f"{count} {name}" for name, count in sorted(progress.sources.items())]
    parts += [f"{n} not used: {name}" for name, n in sorted(progress.problems.items())]
    return ", ".join(parts)
