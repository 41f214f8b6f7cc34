"""Seven weeks of a team's work, told day by day up to yesterday.

Every row is made by the service that makes it at work, under a clock that is set to
the day: so all figures can be counted again, and nothing lies in the future.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Membership, Pair, Project, User, Verdict
from annotator.selectors import bulk
from annotator.services import (
    bulk_accepting,
    checking,
    commenting,
    drafting,
    grouping,
    guiding,
    importing,
    overlapping,
    projects,
    sampling,
)
from annotator.services.made_up import coaches
from annotator.services.made_up.cast import CAST, Worker
from annotator.services.made_up.clock import Clock
from annotator.services.made_up.desk import Desk
from annotator.services.made_up.texts import Told, drafted, pairs
from annotator.services.tallies import folding
from revision_engine.types import DraftResult, PairText
from training.selectors import active_coach

SEED = 18
SLUG = "demo-weeks"
WEEKS = 7
SKILLS = (0.3, 0.7, 0.72)
"""Of the shipped coach and of those that are made: share of drafts that are good."""
TRAINED_IN_WEEKS = (2, 5)
IMPORTED_IN_WEEKS = (0, 2, 4, 6)
SETTINGS = {
    "control_share": 0.2,
    "overlap_share": 0.12,
    "planted_share": 0.07,
    "gold_share": 0.04,
    "quality_full": 15,
    "gate": {"minimum_pairs": 12},
    "is_made_up": True,
    "has_checklist": False,
}


@transaction.atomic
def begin(*, guidelines: str, passwords: Mapping[str, str]) -> Project:
    """The project with its people, rules and coach, as of the first Monday; `fill`
    does the work. `passwords`: of people that are not there yet, by name."""
    clock = Clock(_first_monday(timezone.now()) + timedelta(hours=6.5))
    with clock.running():
        return _begin(guidelines, passwords)


def to_fill() -> Project | None:
    """The project whose weeks are still to be told; the row is the job."""
    return Project.objects.active().filter(is_made_up=True, batches=None).first()


@transaction.atomic
def fill(project: Project) -> bool:
    """Tell the weeks, all or none; False where that has been done or no coach came
    along that could draft."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.batches.exists() or active_coach(project.scope) is None:
        return False
    until = timezone.now()
    clock = Clock(project.created_at)
    told = pairs(SEED)
    chance = random.Random(SEED)  # noqa: S311 - no secret
    desk = Desk(project, {each.raw: each for each in told}, clock, chance)
    team = _Team.of(project)
    with clock.running():
        for week, day in _workdays(project.created_at, until):
            clock.set(day + timedelta(hours=7))
            _work_a_day(desk, team, told, week, day)
    folding.rebuild(project)
    return True


def _first_monday(until: datetime) -> datetime:
    today = timezone.localtime(until).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(weeks=WEEKS, days=today.weekday())


def _workdays(start: datetime, until: datetime) -> Iterator[tuple[int, datetime]]:
    """(week, midnight) of each working day that is over."""
    first = timezone.localtime(start).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(7 * (WEEKS + 1)):
        day = first + timedelta(days=number)
        if day.weekday() < 5 and day + timedelta(days=1) <= until:
            yield number // 7, day


def _begin(guidelines: str, passwords: Mapping[str, str]) -> Project:
    project = Project.objects.create(
        slug=SLUG,
        name="Demo: seven weeks of a team",
        description="What the pages show after seven weeks. Nobody did this work.",
        **SETTINGS,
    )
    for worker in CAST:
        user, is_new = User.objects.get_or_create(
            username=worker.name, defaults={"first_name": worker.name.title()}
        )
        if is_new:
            user.set_password(passwords[worker.name])
            user.save()
        Membership.objects.create(project=project, user=user, role=worker.role)
    team = _Team.of(project)
    projects.adopt_shipped_coach(project)
    guiding.write(project=project, author=team.lead, body=guidelines)
    for name in dict.fromkeys(worker.unit for worker in CAST if worker.unit):
        unit = grouping.add(
            project=project, actor=team.admin, name=name, owner=team.lead
        )
        mine = [worker.name for worker in CAST if worker.unit == name]
        for member in project.memberships.filter(user__username__in=mine):
            grouping.place(membership=member, actor=team.admin, unit=unit)
    return project


@dataclass(frozen=True, slots=True)
class _Team:
    """The people of the project, by name."""

    people: Mapping[str, User]

    @classmethod
    def of(cls, project: Project) -> _Team:
        members = project.memberships.select_related("user")
        return cls({each.user.username: each.user for each in members})

    def _first(self, role: Role) -> User:
        return self.people[next(each.name for each in CAST if each.role == role)]

    @property
    def reviewer(self) -> User:
        return self._first(Role.REVIEWER)

    @property
    def lead(self) -> User:
        return self._first(Role.LEAD)

    @property
    def admin(self) -> User:
        return self._first(Role.ADMIN)


def _work_a_day(
    desk: Desk, team: _Team, told: Sequence[Told], week: int, day: datetime
) -> None:
    is_monday, is_friday = day.weekday() == 0, day.weekday() == 4
    if is_monday and week in IMPORTED_IN_WEEKS:
        _import(desk.project, team.lead, told, IMPORTED_IN_WEEKS.index(week))
    _draft(desk)
    for worker in CAST:
        if worker.a_day and week >= worker.from_week:
            desk.clock.set(day + timedelta(hours=worker.hour))
            _revise(desk, worker, team.people[worker.name])
    desk.clock.set(day + timedelta(hours=15))
    # What comes in from Thursday on waits for Friday, when the sure part of it is
    # accepted in bulk.
    for _ in range(0 if day.weekday() > 2 else desk.chance.randint(12, 18)):
        desk.judge(team.reviewer)
    _close_a_day(desk, team, day, is_friday=is_friday)
    if is_friday and week in TRAINED_IN_WEEKS:
        made = TRAINED_IN_WEEKS.index(week) + 1
        coaches.make(
            desk.project, team.admin, desk.clock, desk.told,
            skill=SKILLS[made], beside=SKILLS[made - 1],
        )  # fmt: skip


def _revise(desk: Desk, worker: Worker, person: User) -> None:
    for _ in range(max(1, worker.a_day + desk.chance.randint(-1, 1))):
        if not desk.revise(worker, person):
            return
    checking.tell(desk.project, person)


def _close_a_day(desk: Desk, team: _Team, day: datetime, *, is_friday: bool) -> None:
    desk.clock.set(day + timedelta(hours=17))
    desk.choose(team.lead)
    if is_friday:
        _accept_in_bulk(desk, team.lead)
        _comment(desk, team)
        _choose_gold(desk, team.lead)
    for _ in range(desk.chance.randint(1, 3)):
        desk.judge(team.lead)
    desk.clock.go_on(600)
    sampling.accept_unsampled()
    overlapping.go_on_alone()


def _import(project: Project, actor: User, told: Sequence[Told], number: int) -> None:
    size = len(told) // len(IMPORTED_IN_WEEKS)
    rows = [
        {
            "instruction": each.raw.instruction,
            "input": each.raw.input,
            "output": each.raw.response,
            "category": each.category,
        }
        for each in told[number * size : (number + 1) * size]
    ]
    importing.import_pairs(
        project=project,
        actor=actor,
        file=io.BytesIO(json.dumps(rows).encode()),
        name=f"questions {number + 1}.json",
    )


def _draft(desk: Desk) -> None:
    """Let the coach that drafts now draft what it is to."""
    while batch := drafting.take_batch(desk.project):
        skill = SKILLS[min(batch.coach.number, len(SKILLS)) - 1]
        results = [
            _result(desk, request.key, request.text, skill)
            for request in batch.requests
        ]
        desk.clock.go_on(2.5 * len(results))
        drafting.store(
            coach_id=batch.coach.pk, results=results, challenge_id=batch.challenge_id
        )
        if not Pair.objects.filter(project=desk.project, state="queued").exists():
            return


def _result(desk: Desk, key: str, raw: PairText, skill: float) -> DraftResult:
    told = desk.told[raw]
    text = drafted(told, skill, f"{raw.instruction}{raw.response}")
    sure = -0.12 if text == told.good else -0.35
    return DraftResult(
        key=key,
        text=text,
        new_tokens=len(text.response) // 4,
        seconds=2.5,
        mean_logprob=sure + desk.chance.uniform(-0.05, 0.05),
    )


def _accept_in_bulk(desk: Desk, lead: User) -> None:
    if bulk.waiting(desk.project, lead).count() < 2:
        return
    try:
        bulk_accepting.accept(
            project=desk.project, actor=lead, threshold=-0.2, audit_share=0.3
        )
    except Invalid:  # none of what waits is sure enough
        return


def _choose_gold(desk: Desk, lead: User) -> None:
    accepted = Pair.objects.filter(project=desk.project).in_state(PairState.ACCEPTED)
    if pair := accepted.filter(reviews__verdict__kind=Verdict.Kind.JUDGED).last():
        checking.choose_gold(pair=pair, actor=lead)


def _comment(desk: Desk, team: _Team) -> None:
    pair = Pair.objects.filter(project=desk.project).exclude(reviews=None).last()
    if pair:
        commenting.comment(
            pair=pair,
            author=team.reviewer,
            body="@anna Let us keep answers of this kind to two sentences.",
        )
