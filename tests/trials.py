"""A challenge and what people make of its drafts."""

from __future__ import annotations

from dataclasses import replace

from annotator.models import Draft, Project, User
from annotator.services import drafting
from revision_engine.types import DraftResult
from tests import factories
from training.models import Challenge, CoachVersion
from training.services import challenging, registry

NUMBER = 17


def make_challenger(project: Project, name: str = "second coach") -> CoachVersion:
    """A coach that is registered and not promoted."""
    active = project_coach(project)
    ref = replace(active.ref, name=name, adapter_sha256=name[0] * 64)
    return registry.register(scope=project.scope, ref=ref, name=name)


def project_coach(project: Project) -> CoachVersion:
    return CoachVersion.objects.filter(scope=project.scope).earliest("pk")


def begin(project: Project, *, share: float = 0.5, needed: int = 10) -> Challenge:
    challenge = challenging.start(
        scope=project.scope,
        challenger=make_challenger(project),
        share=share,
        needed=needed,
        actor=None,
    )
    # The number decides how pairs are dealt: the same in every run of the tests.
    Challenge.objects.filter(pk=challenge.pk).update(id=NUMBER)
    return Challenge.objects.get(pk=NUMBER)


def answers(batch: drafting.DraftBatch) -> list[DraftResult]:
    """Each coach says its name, so that a draft tells whose it is."""
    return [
        DraftResult(
            key=r.key,
            text=replace(r.text, response=f"{r.text.response} {batch.coach.name}"),
        )
        for r in batch.requests
    ]


def store(batch: drafting.DraftBatch) -> int:
    return drafting.store(
        coach_id=batch.coach.pk,
        results=answers(batch),
        challenge_id=batch.challenge_id,
    )


def draft_all(project: Project) -> None:
    while batch := drafting.take_batch(project):
        store(batch)


def review_all(project: Project, people: list[User], *, worse: str = "") -> None:
    """Everybody reviews in turn; drafts of the coach `worse` are changed much."""
    waiting = Draft.objects.filter(pair__project=project, pair__state="ready").count()
    for number in range(waiting):
        person = people[number % len(people)]
        lease = factories.claim(project, person)
        text, coach = lease.draft.text, lease.draft.coach.name
        changed = f"{text.response}{'!' * (number % 3)}"
        if coach == worse:
            changed += " And much more that a person had to write." * 2
        factories.review(project, person, replace(text, response=changed))
