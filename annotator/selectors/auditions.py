"""Auditions, and what coaches made of their pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean, median

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotator.domain.diffs import FieldDiff, field_diffs
from annotator.models import Audition, AuditionDraft, AuditionPair, Project
from training.models import CoachVersion

SILENT = timedelta(minutes=2)
"""Running, and nothing has come for so long: something may be wrong."""
State = AuditionDraft.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One coach over all pairs of an audition: of these few, and of nothing else."""

    coach: CoachVersion
    pairs: int
    done: int
    failed: int
    unusable: int
    unchanged: int
    held_back: int
    """Usable drafts that people would not have been shown at once."""
    is_estimated: bool
    """Whether anything is known of which of its drafts help."""
    seconds: float | None
    """Median of a draft's share of its batch's wall time."""
    tokens_per_second: float | None
    mean_logprob: float | None


@dataclass(frozen=True, slots=True)
class HeardDraft:
    """What one coach made of one pair."""

    row: AuditionDraft
    changes: Sequence[FieldDiff]
    """From the raw pair; empty where nothing is changed or nothing has come."""


@dataclass(frozen=True, slots=True)
class HeardPair:
    """One raw pair with the coaches' drafts, in the coaches' order."""

    row: AuditionPair
    drafts: Sequence[HeardDraft]


@dataclass(frozen=True, slots=True)
class AuditionBoard:
    """One audition, as one screen shows it."""

    coaches: Sequence[Heard]
    pairs: Sequence[HeardPair]
    done: int
    total: int
    is_silent: bool


def of_project(project: Project) -> QuerySet[Audition]:
    """A project's auditions, newest first, with `total` and `done` drafts."""
    ended = Q(pairs__drafts__state__in=[State.DONE, State.FAILED])
    return (
        Audition.objects.filter(project=project)
        .select_related("created_by")
        .annotate(
            total=Count("pairs__drafts"), done=Count("pairs__drafts", filter=ended)
        )
        .order_by("-pk")
    )


def board(audition: Audition) -> AuditionBoard:
    """Counted from the rows, so that it is true whatever was killed."""
    found = AuditionDraft.objects.filter(pair__audition=audition)
    rows = list(
        found.select_related("coach", "pair").order_by("pair__position", "-coach")
    )
    by_coach: dict[int, list[AuditionDraft]] = {}
    by_pair: dict[int, list[AuditionDraft]] = {}
    for row in rows:
        by_coach.setdefault(row.coach_id, []).append(row)
        by_pair.setdefault(row.pair_id, []).append(row)
    return AuditionBoard(
        coaches=[_heard(drafts) for drafts in by_coach.values()],
        pairs=[
            HeardPair(drafts[0].pair, [_draft(row) for row in drafts])
            for drafts in by_pair.values()
        ],
        done=sum(row.state in (State.DONE, State.FAILED) for row in rows),
        total=len(rows),
        is_silent=_is_silent(audition, rows),
    )


def _draft(row: AuditionDraft) -> HeardDraft:
    usable = row.state == State.DONE and not row.problem
    return HeardDraft(row, field_diffs(row.pair.text, row.text) if usable else [])


def _heard(rows: Sequence[AuditionDraft]) -> Heard:
    done = [row for row in rows if row.state == State.DONE]
    usable = [row for row in done if not row.problem]
    seconds = [row.seconds for row in done if row.seconds]
    tokens = sum(row.new_tokens for row in done)
    sure = [row.mean_logprob for row in usable if row.mean_logprob is not None]
    return Heard(
        coach=rows[0].coach,
        pairs=len(rows),
        done=len(done),
        failed=sum(row.state == State.FAILED for row in rows),
        unusable=len(done) - len(usable),
        unchanged=sum(row.text == row.pair.text for row in usable),
        held_back=sum(row.is_held_back for row in usable),
        is_estimated=any(row.helpfulness is not None for row in usable),
        seconds=median(seconds) if seconds else None,
        tokens_per_second=tokens / sum(seconds) if seconds else None,
        mean_logprob=mean(sure) if sure else None,
    )


def _is_silent(audition: Audition, rows: Sequence[AuditionDraft]) -> bool:
    if audition.state != Audition.State.RUNNING:
        return False
    heard = [row.done_at for row in rows if row.done_at]
    return timezone.now() - max([audition.created_at, *heard]) > SILENT
