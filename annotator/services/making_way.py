"""Jobs of the training worker that make way for training runs: studies, comparisons.

One of them works at a time. Each is a process that its worker follows: what the process
logs is taken into the row, and the process is stopped as soon as the row is no longer
the worker's, or a training run wants the machine.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.services.claims import Claims
from revision_engine.backends.base import Outage
from training.selectors import first_wanted_run
from training.services import judging, runs
from training.services.following import Lines, StepFailed
from training.services.waiting import until_told

Job = TypeVar("Job", bound=Any)


class Lost(Exception):
    """The job was cancelled, or another worker has it."""


class MakesWay(Exception):
    """A training run wants the machine."""


def is_taken() -> bool:
    """Whether training has the machine, or wants it."""
    return runs.is_held() or first_wanted_run() is not None


def is_working(claims: Claims[Job]) -> bool:
    """Whether a job of this kind has a worker that is not silent."""
    working = claims.rows().filter(state__in=claims.running)
    return bool(set(working.values_list("pk", flat=True)) - set(claims.free()))


def attempt(
    claims: Claims[Job],
    job: Job,
    steps: Callable[[Job], None],
    fail: Callable[[Job, str], None],
) -> None:
    """Do the steps of a job that was claimed, and let it go in the way it ends."""
    with claims.speaking(job):
        try:
            steps(job)
        except Lost:
            pass
        except MakesWay:
            until_told(lambda: wait_again(claims, job))
        except (Invalid, Outage, judging.NoJudge, StepFailed) as fault:
            problem = str(fault)
            until_told(lambda: fail(job, problem))
        except OSError as fault:
            told = gettext("A file cannot be read or written here: %(fault)s.")
            problem = told % {"fault": fault.strerror}
            until_told(lambda: fail(job, problem))


@transaction.atomic
def wait_again(claims: Claims[Job], job: Job) -> None:
    """Give the machine to training; what is done is kept."""
    if claims.holds(job):
        setattr(job, claims.by, None)
        job.state, job.tries = claims.waiting, 0
        if hasattr(job, "stage"):
            job.stage = ""
        job.save()


def minutes_left(job: Any) -> float | None:
    """Of those that it was granted; None: no bound."""
    if job.granted is None:
        return None
    return max(0.0, float(job.granted - job.seconds / 60))


def go_on(claims: Claims[Job], job: Any, nothing_left: str) -> None:
    """Let a job that is locked and has ended wait again, with as many minutes again;
    Invalid if it runs, or if nothing is left of it, which `nothing_left` says."""
    if job.state in (claims.waiting, *claims.running):
        raise Invalid(gettext("It is being carried out, or on its way."))
    if not job.is_resumable:
        raise Invalid(nothing_left)
    if job.granted is not None:
        job.granted = int(job.seconds // 60) + 1 + (job.order.minutes or 0)
    claims.reopen(job)


def sweep(claims: Claims[Job], prefix: str) -> None:
    """Delete folders of this worker, `PREFIX-NUMBER`, whose job is gone."""
    known = set(claims.rows().values_list("pk", flat=True))
    for folder in Path(settings.RUNS_FOLDER).glob(f"{prefix}-*"):
        number = folder.name.removeprefix(f"{prefix}-")
        if number.isdecimal() and int(number) not in known:
            shutil.rmtree(folder, ignore_errors=True)


class Listener:
    """Takes what a process logs, and stops it if it may not go on."""

    def __init__(
        self,
        claims: Claims[Job],
        job: Job,
        take: Callable[[Job, dict[str, Any]], None],
        told: Sequence[str],
    ) -> None:
        self.claims, self.job, self.take = claims, job, take
        self.told = told
        """Columns that say how far it is."""
        self.last = time.monotonic()

    def __call__(self, lines: Lines) -> None:
        now = time.monotonic()
        self.job.seconds += now - self.last
        self.last = now
        for line in lines:
            self.take(self.job, line)
        if not until_told(self._hear):
            raise Lost
        if until_told(first_wanted_run):
            raise MakesWay

    def _hear(self) -> bool:
        """Say that the worker lives, and how far it is; whether it may go on."""
        told = {name: getattr(self.job, name) for name in self.told}
        self.job.heard_at = timezone.now()
        mine = self.claims.mine(self.job)
        return bool(mine.update(heard_at=self.job.heard_at, **told))
