"""The cast of the tests: people, projects, pairs in any state."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import uuid4

from django.db.models import Q

from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import (
    AuditEvent,
    Batch,
    Lease,
    Membership,
    Pair,
    Project,
    Review,
    User,
)
from annotator.selectors.undoable import SUBMITS
from annotator.services import drafting, importing, queueing, reviewing, undoing
from revision_engine.types import CoachRef, DraftResult, PairText
from training.models import CoachVersion
from training.services import registry

PASSWORD = "correct horse"


def make_project(
    *, control_share: float = 0.0, slug: str = "demo", **values: Any
) -> Project:
    named = {"name": slug} | values
    return Project.objects.create(slug=slug, control_share=control_share, **named)


def make_member(project: Project, role: Role, name: str = "") -> User:
    user = User.objects.create_user(name or role.value, password=PASSWORD)
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_drafted(pairs: int, **values: Any) -> Project:
    """A project with a coach and that many pairs, each with its draft."""
    project = make_project(**values)
    make_coach(project)
    import_rows(project, rows(pairs))
    draft_all(project)
    return project


def make_coach(project: Project, name: str = "first coach") -> CoachVersion:
    """A registered and promoted coach; its adapter is not needed by the fake."""
    ref = CoachRef(
        name=name,
        base_model="none",
        adapter="a" * 32,
        adapter_sha256=uuid4().hex * 2,
        prompt="coachlm-1",
        wording="Improve.",
    )
    coach = registry.register(scope=project.scope, ref=ref, name=name)
    registry.promote(coach=coach, actor=None)
    return coach


def rows(count: int, *, revised: bool = False) -> list[dict[str, Any]]:
    made = []
    for number in range(count):
        row: dict[str, Any] = {
            "Raw Instruction": f"Explain the word number {number}.",
            "Raw Input": "",
            "Raw Response": f"It is the word {number}.",
        }
        if revised:
            row["Revised Instruction"] = row["Raw Instruction"]
            row["Revised Input"] = ""
            row["Revised Response"] = f"The word number {number} means much. " * 3
        made.append(row)
    return made


def import_rows(
    project: Project, given: list[dict[str, Any]], *, revised_as_accepted: bool = True
) -> Batch:
    file = io.BytesIO(json.dumps(given).encode())
    return importing.import_pairs(
        project=project,
        actor=None,
        file=file,
        name="a.json",
        revised_as_accepted=revised_as_accepted,
    )


def draft_all(project: Project) -> None:
    """Draft every queued pair with a plain sentence, as the engine would answer."""
    while batch := drafting.take_batch(project):
        drafting.store(
            coach_id=batch.coach.pk,
            results=[
                DraftResult(key=r.key, text=better(r.text)) for r in batch.requests
            ],
        )
        if not _wait_for(project, batch.coach):
            return  # asking whether there is more costs as much as drafting


def _wait_for(project: Project, coach: CoachVersion) -> bool:
    queued, ready = Q(state=PairState.QUEUED), Q(state=PairState.READY)
    waiting = queued | ready & ~Q(draft__coach=coach)
    return Pair.objects.filter(waiting, project=project).exists()


def better(text: PairText) -> PairText:
    return PairText(
        instruction=text.instruction,
        input=text.input,
        response=f"{text.response} It has a history, too.",
    )


def claim(project: Project, person: User, stage: Stage = Stage.REVIEW) -> Lease:
    lease = queueing.claim(project=project, person=person, stage=stage)
    assert lease is not None
    return lease


def review(project: Project, person: User, text: PairText | None = None) -> Review:
    lease = claim(project, person)
    final = text or (lease.draft.text if lease.draft else lease.pair.text)
    return reviewing.submit(token=lease.token, person=person, text=final)


def take_back(review: Review) -> Lease:
    """Undo a submit as its author does at the desk; the pair is theirs again."""
    submit = AuditEvent.objects.filter(
        pair=review.pair, actor=review.author, action__in=SUBMITS
    ).latest("pk")
    undoing.undo(
        project=review.pair.project.home, deed=submit.deed, person=review.author
    )
    return Lease.objects.get(pair=review.pair, ended_at=None)


def states(project: Project) -> list[PairState]:
    found = Pair.objects.filter(project=project).order_by("pk")
    return [PairState(state) for state in found.values_list("state", flat=True)]
