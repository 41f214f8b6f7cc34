"""The row is the job: claimed by one process, which says that it lives, and ended.

Imports, exports, runs of rules, dataset reports, studies, comparisons of
backbones and pushes of adapters are such rows. Each has a state, `tries`, `heard_at`,
`started_at`, `ended_at`, `problem`, a column that names who has it, and the `language`
of whoever asked for it: whoever works on it speaks that (`speaking`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from annotator.models.locking import LockingQuerySet

Job = TypeVar("Job", bound=Any)
SILENT_SECONDS = 120
"""How long after its last word whoever has a job counts as dead."""
MOST_TRIES = 3
"""Processes that may die on one piece of a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Generic[Job]):
    """How jobs of one kind are claimed and let go."""

    rows: Callable[[], LockingQuerySet[Any]]
    waiting: str
    running: Sequence[str]
    """States of a job that somebody has; a claim puts the first in place of
    `waiting`."""
    by: str
    """The column that names who has it."""
    with_rows: Sequence[str]
    """Keys that are read with it."""
    died: str
    """Why it ends after MOST_TRIES, as a sentence to be translated."""
    end: Callable[[Job, str], None]
    """Ends a job that failed, with the sentence."""

    def free(self) -> list[int]:
        """Keys of jobs that wait, or whose process has fallen silent; oldest first."""
        found = self.rows().filter(self._free()).order_by("pk")
        return list(found.values_list("pk", flat=True))

    def _free(self) -> Q:
        died = timezone.now() - timedelta(seconds=SILENT_SECONDS)
        silent = Q(heard_at__lt=died) | Q(heard_at=None)
        return Q(state=self.waiting) | (Q(state__in=self.running) & silent)

    @transaction.atomic
    def begin(
        self, pk: int, fresh: Callable[[Job], None] = lambda _: None
    ) -> Job | None:
        """Claim a job; None if somebody else has it, or too many have died on it.

        `fresh` alters the row before it is saved.
        """
        free = self.rows().locked(skip=True).filter(self._free(), pk=pk)
        job: Job | None = free.select_related(*self.with_rows).first()
        if job is None:
            return None
        job.tries += 1
        if job.tries > MOST_TRIES:
            with self.speaking(job):
                self.end(job, translation.gettext(self.died))
            return None
        if job.state == self.waiting:
            job.state = self.running[0]
        setattr(job, self.by, uuid4())
        job.heard_at = timezone.now()
        job.started_at = job.started_at or job.heard_at
        fresh(job)
        job.save()
        return job

    def speaking(self, job: Job) -> AbstractContextManager[None]:
        """What is said meanwhile, and written down, is in the job's language."""
        return translation.override(job.language)

    def mine(self, job: Job) -> LockingQuerySet[Any]:
        """The job's row, as long as it is still this process's."""
        own = {self.by: getattr(job, self.by)}
        return self.rows().filter(pk=job.pk, state__in=self.running, **own)

    def holds(self, job: Job) -> bool:
        """Whether this process may still store; the row is locked then."""
        return self.mine(job).locked().exists()

    def reopen(self, job: Job) -> None:
        """Let a job that has ended wait again; the caller holds its row."""
        job.state, job.problem, job.tries = self.waiting, "", 0
        job.ended_at = None
        job.save()

    def close(self, job: Job, state: str, problem: str = "") -> None:
        """End a job; whoever ends it tells people."""
        job.state, job.problem = state, problem
        job.ended_at = timezone.now()
        setattr(job, self.by, None)
        job.save()
