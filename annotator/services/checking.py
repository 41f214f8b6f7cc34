"""Checks: pairs that only look like work, to see whether people read.

A check is shown as a pair of the *checks project*: a project of its own that nobody
is a member of, beside the one that people work in. So no funnel, figure, export or
training set can count a check, whoever writes it (docs/adr/0007-checks-apart.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import chance, effort, planting
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.planting import Planted
from annotator.domain.roles import Deed
from annotator.domain.states import Arm, CheckKind, PairState, Stage
from annotator.models import (
    Batch,
    Check,
    Gold,
    Lease,
    Pair,
    Project,
    Review,
    SignsOpened,
    Skip,
    User,
)
from annotator.selectors import offered
from annotator.services import placing
from annotator.services.workflow import move
from revision_engine.types import PairText
from training.models import CoachVersion
from training.selectors import active_coach, coaches
from training.services import registry

TRIED = 20
"""Texts looked at for a place to plant in; three of four offer one."""


def due(project: Project, person: User) -> Pair | None:
    """The check that the person's next hold is to be; None for ordinary work.

    Drawn by the number of the hold, so that the draw can be told again. Without a
    text that the person has never seen, it is ordinary work after all; and where a pair
    waits for them they are told that it comes next, so that it does.
    """
    if not project.planted_share and not project.gold_share:
        return None
    if next(offered.kinds(project, person, Stage.REVIEW)).exists():
        return None
    if waiting := _given_back(project, person):
        return waiting
    holds = Lease.objects.filter(holder=person, stage=Stage.REVIEW)
    number = holds.count() + 1
    kind = chance.check(
        person.pk,
        number,
        planted_share=project.planted_share,
        gold_share=project.gold_share,
        seed=f"project-{project.pk}",
    )
    if kind is None:
        return None
    drawn = Check(project=project, person=person, kind=kind, number=number,
                  planted_share=project.planted_share,
                  gold_share=project.gold_share)  # fmt: skip
    return _planted(drawn) if kind == CheckKind.PLANTED else _gold(drawn)


def _given_back(project: Project, person: User) -> Pair | None:
    """A check that the person laid down unanswered, and did not skip."""
    skipped = Skip.objects.filter(pair=OuterRef("pk"))
    pairs = Pair.objects.in_state(PairState.READY).filter(
        ~Exists(skipped), as_check__project=project, as_check__person=person
    )
    related = pairs.select_related("draft__coach", "project", "batch")
    return related.locked().first()


def _planted(drawn: Check) -> Pair | None:
    """An accepted text with one mistake, as a draft of the active coach."""
    coach = active_coach(drawn.project.scope)
    if coach is None:
        return None
    for source in _unseen(drawn, _accepted(drawn.project)):
        seed = f"{drawn.project.pk}:{drawn.person.pk}:{drawn.number}"
        planted = planting.plant(source.text, source.pair.text, seed)
        if planted:
            drawn.source = source
            drawn.mistake, drawn.start = planted.kind, planted.start
            drawn.before, drawn.after = planted.before, planted.after
            return _make(drawn, _with(source, planted), coach)
    return None


def _with(source: Review, planted: Planted) -> PairText:
    return PairText(
        instruction=source.instruction, input=source.input, response=planted.response
    )


def _gold(drawn: Check) -> Pair | None:
    """A pair with a gold text, shown as it was: with its draft, if it had one."""
    golds = _accepted(drawn.project).filter(
        gold__isnull=False, gold__ended_at__isnull=True
    )
    for source in _unseen(drawn, golds):
        drawn.source = source
        draft = source.pair.draft
        return _make(
            drawn, draft.text if draft else None, draft.coach if draft else None
        )
    return None


def _accepted(project: Project) -> QuerySet[Review]:
    return Review.objects.standing().filter(
        pair__project=project,
        pair__state=PairState.ACCEPTED,
        verdict__accepted=True,
    )


def _unseen(drawn: Check, reviews: QuerySet[Review]) -> Iterator[Review]:
    """Texts of pairs that the person never held, from a drawn one on.

    Walks the primary key from a drawn place, and around its end once.
    """
    held = Lease.objects.filter(pair=OuterRef("pair"), holder=drawn.person)
    asked = Check.objects.filter(source=OuterRef("pk"), person=drawn.person)
    unseen = reviews.filter(~Exists(held), ~Exists(asked)).exclude(author=drawn.person)
    related = unseen.select_related(
        "pair__batch", "pair__draft__coach", "pair__project"
    )
    newest = reviews.order_by("-pk").values_list("pk", flat=True).first() or 0
    drawn_place = chance.place(f"{drawn.person.pk}:{drawn.number}", "check-source")
    start = int(drawn_place * newest)
    yield from related.filter(pk__gte=start).order_by("pk")[:TRIED]
    yield from related.filter(pk__lt=start).order_by("pk")[:TRIED]


def _make(check: Check, shown: PairText | None, coach: CoachVersion | None) -> Pair:
    """Store the check with the pair that is shown, on the way that all pairs go."""
    room = room_of(check.project)
    pair = _copy(room, check)
    pair_arm = Arm.COACHED if shown and coach else Arm.CONTROL
    move(pair, PairState.QUEUED, action=Action.QUEUED, arm=pair_arm)
    if shown and coach:
        written_by = coach_in(room, coach)
        move(
            pair, PairState.DRAFTING, action=Action.DRAFTING, draft_coach=written_by.pk
        )
        draft = placing.write(pair, written_by, text=shown)
        move(pair, PairState.READY, action=Action.DRAFTED, note=coach.name, draft=draft)
    else:
        move(pair, PairState.READY, action=Action.WITHOUT_DRAFT)
    check.pair = pair
    check.save()
    return pair


def _copy(room: Project, check: Check) -> Pair:
    source = check.source.pair
    batch, _ = Batch.objects.get_or_create(
        project=room, name=source.batch.name, sha256=source.batch.sha256
    )
    # Several people may get the same pair: it is in the project once for each.
    own = hashlib.sha256(f"{source.fingerprint}:{check.person.pk}".encode())
    return Pair.objects.create(
        project=room,
        batch=batch,
        row=source.row,
        external_id=source.external_id,
        category=source.category,
        instruction=source.instruction,
        input=source.input,
        response=source.response,
        context=source.context,
        shape=source.shape,
        fingerprint=own.hexdigest(),
    )


def room_of(project: Project) -> Project:
    """The project that holds a project's checks, as long and as patient with people."""
    alike = ("name", "language", "lease_minutes", "idle_seconds", "skip_policy")
    now = {name: getattr(project, name) for name in alike}
    room, _ = Project.with_checks.update_or_create(
        checks_of=project,
        defaults=now,
        create_defaults={**now, "slug": f"checks-{uuid4().hex}"},
    )
    return room


def coach_in(room: Project, coach: CoachVersion) -> CoachVersion:
    """The coach under the scope of the checks, so that no figure of its counts them."""
    known = coaches(room.scope).filter(
        name=coach.name, adapter_sha256=coach.adapter_sha256
    )
    found = known.first()
    return found or registry.register(scope=room.scope, ref=coach.ref, name=coach.name)


def coach_for(room: Project) -> CoachVersion | None:
    """Whom a person may ask for another draft of a check: the active coach."""
    active = active_coach(room.home.scope)
    return coach_in(room, active) if active else None


def settle(review: Review) -> Check:
    """Write down what the person made of a check that they have handed in."""
    check = Check.objects.select_related("source", "pair__draft").get(pair=review.pair)
    if check.kind == CheckKind.PLANTED:
        check.outcome = planting.outcome(check.planted, review.response)
    else:
        shown = review.draft.text if review.draft else review.pair.text
        check.similarity = effort.word_similarity(check.source.text, review.text)
        check.similarity_shown = effort.word_similarity(check.source.text, shown)
    check.review, check.answered_at = review, timezone.now()
    check.save()
    return check


def tell(project: Project, person: User) -> Check | None:
    """The result that the person has not seen yet; from now on they have."""
    if not project.planted_share and not project.gold_share:
        return None
    untold = Check.objects.filter(
        project=project, person=person, answered_at__isnull=False, told_at=None
    )
    check = untold.select_related("review", "source").order_by("-answered_at").first()
    if check:
        untold.update(told_at=timezone.now())
    return check


def opened_signs(*, project: Project, person: User) -> None:
    """The person looks at their own signs: leads may see them from now on, too."""
    SignsOpened.objects.update_or_create(
        project=project, person=person, defaults={"at": timezone.now()}
    )


@transaction.atomic
def choose_gold(*, pair: Pair, actor: User) -> Gold:
    """Take the pair's accepted text for a gold one; Invalid unless it has one."""
    policies.require(actor, pair.project, Deed.ADJUDICATE)
    review = _accepted(pair.project).filter(pair=pair).order_by("-pk").first()
    if review is None:
        raise Invalid(gettext("Only an accepted pair can be a gold pair."))
    gold, _ = Gold.objects.update_or_create(
        review=review,
        defaults={"ended_at": None},
        create_defaults={"chosen_by": actor},
    )
    return gold


@transaction.atomic
def end_gold(*, pair: Pair, actor: User) -> None:
    """Show the pair's gold text to nobody any more; results stay."""
    policies.require(actor, pair.project, Deed.ADJUDICATE)
    golds = Gold.objects.filter(review__pair=pair, ended_at=None)
    golds.update(ended_at=timezone.now())
