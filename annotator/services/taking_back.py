"""What an engine held when it died is taken back, and what kills engines set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotator.domain.actions import Action
from annotator.domain.states import PairState
from annotator.domain.suspicion import Suspicion, after_death
from annotator.models import (
    AuditionDraft,
    Errand,
    Pair,
    Replacement,
    Rewrite,
    RewriteRow,
)
from annotator.models.locking import LockingQuerySet
from annotator.services import auditioned, errands, placing, redrafting, settling
from annotator.services.workflow import move_all
from revision_engine.postprocess import Problem
from revision_engine.types import DraftResult
from training.models import CoachVersion

Suspect = TypeVar("Suspect", Pair, RewriteRow)


def sweep() -> int:
    """Sweep: take back what no engine works on any more; how many pairs and rows."""
    taken = _take_back_silent(errands.silent()) + _adopt_orphans()
    errands.clear()
    return taken


def of_project(project_id: int) -> int:
    """The same for what a project's pairs wait for."""
    on_pairs = Q(pairs__project=project_id) | Q(replacements__pair__project=project_id)
    return _take_back_silent(errands.silent().filter(on_pairs))


def of_rewrite(rewrite_id: int) -> int:
    """The same for the rows of a rewrite."""
    return _take_back_silent(errands.silent().filter(rows__rewrite=rewrite_id))


def of_audition(audition_id: int) -> int:
    """The same for the drafts of an audition."""
    mine = Q(audition_drafts__pair__audition=audition_id)
    return _take_back_silent(errands.silent().filter(mine))


@transaction.atomic
def hand_back(errand_id: int, ids: Collection[int], *, died: bool = False) -> int:
    """Take back pairs or rows that the engine names, since it does not write them.

    `died`: an engine had them before, and is gone. That is so only if it had begun.
    """
    errand = _locked(Errand.objects.filter(pk=errand_id)).first()
    if errand is None:
        return 0
    return _take_back(errand, ids, died=died and errand.heard_at is not None)


def _take_back_silent(found: QuerySet[Errand]) -> int:
    return sum(map(_take_back_one, found.values_list("pk", flat=True).distinct()))


@transaction.atomic
def _take_back_one(errand_id: int) -> int:
    errand = _locked(errands.silent().filter(pk=errand_id)).first()
    if errand is None:  # heard of, or taken back by another worker, while we looked
        return 0
    died = errand.heard_at is not None and not errand.failed
    return _take_back(errand, None, died=died)


def _locked(found: LockingQuerySet[Errand]) -> LockingQuerySet[Errand]:
    return found.locked(skip=True)


def _take_back(errand: Errand, ids: Collection[int] | None, *, died: bool) -> int:
    named = Q() if ids is None else Q(pk__in=ids)
    return (
        _pairs_back(errand.pairs.filter(named), errand, died=died)
        + _replacements_back(errand.replacements.filter(named), errand, died=died)
        + _rows_back(errand.rows.filter(named), errand, died=died)
        + auditioned.take_back(errand.audition_drafts.filter(named), errand, died=died)
    )


def _pairs_back(found: LockingQuerySet[Pair], errand: Errand, *, died: bool) -> int:
    drafting = found.filter(state=PairState.DRAFTING).order_by("pk")
    pairs = list(drafting.select_related("project", "draft").locked(skip=True))
    for suspicion, alike in _by_suspicion(pairs, errand, died=died):
        if suspicion == Suspicion.SET_ASIDE and died:
            _set_aside(alike, errand)
        else:
            _queue_again(alike, suspicion)
    return len(pairs)


def _by_suspicion(
    found: Iterable[Suspect], errand: Errand, *, died: bool
) -> Iterable[tuple[int, list[Suspect]]]:
    """Texts by what is to be thought of them from now on."""
    alike: dict[int, list[Suspect]] = defaultdict(list)
    for one in found:
        before = one.suspicion
        now = after_death(before, alone=errand.size == 1) if died else before
        alike[int(now)].append(one)
    return alike.items()


def _queue_again(pairs: list[Pair], suspicion: int) -> None:
    lone = [pair for pair in pairs if pair.draft is None]
    move_all(
        lone,
        PairState.QUEUED,
        action=Action.NEVER_CAME,
        errand=None,
        suspicion=suspicion,
    )
    # A pair that had a draft before keeps it and stays available.
    for pair in pairs:
        if pair.draft:
            placing.offer(pair, pair.draft, action=Action.NEVER_CAME)


def _set_aside(pairs: Iterable[Pair], errand: Errand) -> None:
    """People get a pair that engines die on raw, with that said."""
    for pair in pairs:
        coach = CoachVersion.objects.get(pk=pair.draft_coach or 0)
        draft = placing.write(
            pair,
            coach,
            text=pair.text,
            problem=str(Problem.ENGINE_DIED),
            challenge_id=errand.challenge_id,
        )
        in_trial = errand.challenge_id is not None
        place = placing.drawn_places(pair.project, 1)[0] if in_trial else None
        anew = pair.state == PairState.READY
        action = Action.DRAFTED_ANEW if anew else Action.DRAFTED
        placing.offer(pair, draft, action=action, place=place)


def _replacements_back(
    found: LockingQuerySet[Replacement], errand: Errand, *, died: bool
) -> int:
    rows = list(found.select_related("coach").locked(skip=True))
    coaches = {row.pair_id: row.coach for row in rows}
    pairs = Pair.objects.filter(pk__in=coaches).order_by("pk")
    # One that is being claimed just now is not looked at.
    locked = list(pairs.locked(skip=True))
    for suspicion, alike in _by_suspicion(locked, errand, died=died):
        Pair.objects.filter(pk__in=[p.pk for p in alike]).update(suspicion=suspicion)
        for pair in alike if died and suspicion == Suspicion.SET_ASIDE else ():
            if free := redrafting.arrived(coaches[pair.pk], pair.pk):
                free.draft_coach = coaches[pair.pk].pk
                _set_aside([free], errand)
    Replacement.objects.filter(pair__in=coaches, errand=errand).delete()
    return len(rows)


def _rows_back(found: QuerySet[RewriteRow], errand: Errand, *, died: bool) -> int:
    rewrites = Rewrite.objects.select_for_update(no_key=True)
    rewrite = rewrites.filter(pk__in=found.values("rewrite")).first()
    if rewrite is None:
        return 0
    rows = list(found.filter(state=RewriteRow.State.SENT).select_for_update())
    for suspicion, alike in _by_suspicion(rows, errand, died=died):
        for row in alike:
            if suspicion == Suspicion.SET_ASIDE and died:
                _keep_raw(row)
            else:
                row.state = RewriteRow.State.WAITING
                row.errand, row.sent_at = None, None
            row.suspicion = suspicion
    RewriteRow.objects.bulk_update(rows, [*settling.SETTLED, "sent_at"])
    settling.finish_if_done(rewrite)
    return len(rows)


def _keep_raw(row: RewriteRow) -> None:
    raw = DraftResult(key="", text=row.text, problem=str(Problem.ENGINE_DIED))
    settling.settle(row, raw, RewriteRow.Source.RAW)


def _adopt_orphans() -> int:
    """Take back what is on no errand that is known: its message may be lost."""
    limit = timezone.now() - timedelta(minutes=settings.DRAFT_STALE_MINUTES)
    with transaction.atomic():
        pairs = list(
            Pair.objects.in_state(PairState.DRAFTING)
            .filter(errand=None, state_since__lt=limit)
            .select_related("project", "draft")
            .locked(skip=True)
        )
        _queue_again([pair for pair in pairs if not pair.suspicion], 0)
        for pair in pairs:
            if pair.suspicion:
                _queue_again([pair], pair.suspicion)
        new, _ = Replacement.objects.filter(errand=None, begun_at__lt=limit).delete()
        rows = RewriteRow.objects.filter(
            state=RewriteRow.State.SENT, errand=None, sent_at__lt=limit
        ).update(state=RewriteRow.State.WAITING, sent_at=None)
        heard = AuditionDraft.objects.filter(
            state=AuditionDraft.State.SENT, errand=None, sent_at__lt=limit
        ).update(state=AuditionDraft.State.WAITING, sent_at=None)
    return len(pairs) + new + rows + heard
