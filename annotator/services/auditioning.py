"""Hear coaches before one of them is promoted: drafts of a few pairs, side by side.

The engine's workers write them, as they write all drafts; here they become rows of
their own. No pair, queue or figure knows of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import chance
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import Arm, PairState
from annotator.formats.keys import read_row
from annotator.formats.rows import PairRow
from annotator.models import (
    Audition,
    AuditionDraft,
    AuditionPair,
    Pair,
    PairQuerySet,
    Project,
    User,
)
from annotator.services import auditioned, errands, holding_back, taking_back
from annotator.services.rewriting import Message
from revision_engine.types import DraftRequest, DraftResult, PairText
from training.examples import fingerprint
from training.models import CoachVersion
from training.selectors import knowledge

MOST_RUNNING = 3
"""Auditions of a project that are drafted at once."""
LOOKED_AT = 2_000
"""Pairs that are asked for a draw, since coaches may know most of them."""
State = AuditionDraft.State


@transaction.atomic
def begin_draw(
    *, project: Project, actor: User, coaches: Collection[int], draw: int = 1
) -> Audition:
    """Have coaches draft ten pairs of the project that none of them was trained on.

    Which ten is told by `draw` and the hashes of the pairs, so that another coach can
    be heard on the same ones.

    Raises:
        NotAllowed: the actor may not promote coaches here.
        Invalid: no such coach, or no pair is left.
    """
    found = _allowed(project, actor, coaches)
    pairs = _drawn(project, found, draw)
    if not pairs:
        raise Invalid(
            gettext(
                "There is no pair to try coaches on: import some, or type one. Pairs "
                "that one of these coaches was trained on are left out, and so are "
                "those for comparison."
            )
        )
    return _begin(project, actor, found, [(each.text, each.pk) for each in pairs], draw)


@transaction.atomic
def begin_pair(
    *, project: Project, actor: User, coaches: Collection[int], number: int
) -> Audition:
    """Have coaches draft one pair of the project, by its number. Raises as above."""
    found = _allowed(project, actor, coaches)
    pair = Pair.objects.filter(project=project, pk=number).first()
    if pair is None:
        raise Invalid(
            gettext("This project has no pair %(number)s.") % {"number": number}
        )
    if pair.arm == Arm.CONTROL:
        raise Invalid(
            gettext("This pair is for comparison: it is revised without the coach.")
        )
    return _begin(project, actor, found, [(pair.text, pair.pk)])


@transaction.atomic
def begin_typed(
    *, project: Project, actor: User, coaches: Collection[int], text: PairText
) -> Audition:
    """Have coaches draft a pair as it was typed. Raises as above."""
    found = _allowed(project, actor, coaches)
    row = read_row(
        1,
        {
            "instruction": text.instruction,
            "input": text.input,
            "response": text.response,
        },
    )
    if not isinstance(row, PairRow):
        raise Invalid(
            gettext("The pair cannot be used: %(why)s.") % {"why": row.message}
        )
    return _begin(project, actor, found, [(row.text, None)])


def _allowed(
    project: Project, actor: User, wanted: Collection[int]
) -> list[CoachVersion]:
    policies.require(actor, project, Deed.PROMOTE)
    if not 1 <= len(set(wanted)) <= Audition.MOST_COACHES:
        raise Invalid(
            gettext("Choose one to %(most)d coaches.") % {"most": Audition.MOST_COACHES}
        )
    mine = CoachVersion.objects.filter(scope=project.scope, is_elsewhere=False)
    found = list(mine.filter(pk__in=wanted).order_by("-number"))
    if len(found) < len(set(wanted)):
        raise Invalid(
            gettext(
                "One of these is no coach of this project that could be asked for a "
                "draft."
            )
        )
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if _running(locked) >= MOST_RUNNING:
        raise Invalid(
            gettext(
                "%(most)d auditions are still being drafted: wait for one, or cancel "
                "one."
            )
            % {"most": MOST_RUNNING}
        )
    return found


def _running(project: Project) -> int:
    return Audition.objects.filter(
        project=project, state=Audition.State.RUNNING
    ).count()


def _drawn(project: Project, coaches: Sequence[CoachVersion], draw: int) -> list[Pair]:
    """Fingerprints are hashes: those that follow the draw's own are drawn ones."""
    pairs = Pair.objects.filter(project=project).exclude(state=PairState.EXCLUDED)
    ordered = pairs.exclude(arm=Arm.CONTROL).order_by("fingerprint")
    told = [knowledge(coach) for coach in coaches]
    found: list[Pair] = []
    for chunk in _chunks(ordered, chance.draw_start(draw)):
        prints = [pair.text_fingerprint for pair in chunk]
        known = {key for tell in told for key in tell(prints)}
        found += [pair for pair in chunk if pair.text_fingerprint not in known]
        if len(found) >= Audition.PAIRS:
            break
    return found[: Audition.PAIRS]


def _chunks(pairs: PairQuerySet, start: str) -> Iterator[list[Pair]]:
    """From a place on, and round to it."""
    behind = pairs.filter(fingerprint__gte=start)[:LOOKED_AT]
    before = pairs.filter(fingerprint__lt=start)[:LOOKED_AT]
    for part in (behind, before):
        rows = part.iterator(chunk_size=5 * Audition.PAIRS)
        while chunk := list(islice(rows, 5 * Audition.PAIRS)):
            yield chunk


def _begin(
    project: Project,
    actor: User,
    coaches: Sequence[CoachVersion],
    texts: Sequence[tuple[PairText, int | None]],
    draw: int | None = None,
) -> Audition:
    audition = Audition.objects.create(project=project, created_by=actor, draw=draw)
    pairs = AuditionPair.objects.bulk_create(
        AuditionPair(
            audition=audition,
            position=position,
            number=number,
            instruction=text.instruction,
            input=text.input,
            response=text.response,
        )
        for position, (text, number) in enumerate(texts, 1)
    )
    prints = [fingerprint(pair.text) for pair in pairs]
    for coach in coaches:
        known = knowledge(coach)(prints)
        AuditionDraft.objects.bulk_create(
            AuditionDraft(pair=pair, coach=coach, was_trained_on=key in known)
            for pair, key in zip(pairs, prints, strict=True)
        )
    return audition


def take(audition_id: int) -> Message | None:
    """The next drafts to ask the engine for, now sent; None when none waits.

    One coach a message, so that the engine loads each once. What an engine failed or
    died on goes alone.
    """
    taking_back.of_audition(audition_id)
    return _taken(audition_id)


@transaction.atomic
def _taken(audition_id: int) -> Message | None:
    running = Audition.objects.filter(pk=audition_id, state=Audition.State.RUNNING)
    audition = running.select_related("project").locked().first()
    if audition is None:
        return None
    waiting = AuditionDraft.objects.filter(
        pair__audition=audition, state=State.WAITING
    ).select_related("pair", "coach")
    rows = list(waiting.order_by("coach", "pair__position").locked())
    if not rows:
        return None
    coach = rows[0].coach
    alike = [row for row in rows if row.coach_id == coach.pk]
    together = [row for row in alike if not row.tries] or alike[:1]
    errand = errands.begin(len(together))
    AuditionDraft.objects.filter(pk__in=[row.pk for row in together]).update(
        state=State.SENT, sent_at=timezone.now(), errand=errand
    )
    language = audition.project.language
    return Message(
        coach,
        [
            DraftRequest(key=str(row.pk), text=row.pair.text, language=language)
            for row in together
        ],
        errand.pk,
    )


@transaction.atomic
def store(*, audition_id: int, results: Iterable[DraftResult]) -> int:
    """Store what the engine wrote; how many drafts that are.

    One that nobody waits for is passed over: an earlier delivery of the same message
    got there first, or the audition was cancelled.
    """
    by_id = {int(result.key): result for result in results}
    audition = Audition.objects.locked().select_related("project").get(pk=audition_id)
    sent = AuditionDraft.objects.filter(
        pk__in=list(by_id), pair__audition=audition, state=State.SENT
    )
    rows = list(sent.select_related("pair", "coach").order_by("pk").locked())
    asks = {
        row.coach_id: holding_back.for_people(audition.project, row.coach)
        for row in rows
    }
    for row in rows:
        auditioned.settle(row, by_id[row.pk], asks[row.coach_id])
    auditioned.finish_if_done(audition)
    return len(rows)


@transaction.atomic
def cancel(*, audition: Audition, actor: User) -> Audition:
    """Ask for nothing more; what has come stays, what comes late is not stored."""
    policies.require(actor, audition.project, Deed.PROMOTE)
    if not auditioned.close(audition, Audition.State.CANCELLED):
        raise IllegalMove(gettext("This audition is over by now."))
    AuditionDraft.objects.filter(pair__audition=audition, state=State.SENT).update(
        state=State.WAITING, sent_at=None, errand=None
    )
    audition.refresh_from_db()
    return audition


def to_continue() -> list[int]:
    """The auditions that are running."""
    running = Audition.objects.filter(
        state=Audition.State.RUNNING, project__deleting_since=None
    )
    return list(running.order_by("pk").values_list("pk", flat=True))
