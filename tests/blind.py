"""Blind ratings for tests: a report with texts to rate, people, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from annotator.domain.blind_ratings import Choice, Mode, Place, Side, is_swapped
from annotator.domain.dataset_reports import ReportOrder
from annotator.domain.roles import Role
from annotator.models import BlindAnswer, BlindRating, DatasetReport, Project, User
from annotator.services import asking_raters, dataset_reporting, rating_blind
from annotator.services.rating_blind import Said
from tests import factories

RATERS = ("rita", "ravi", "rosa")


def made_report(pairs: int = 8) -> tuple[DatasetReport, User]:
    """Of imported pairs with ready-made revisions, and the lead who had it made."""
    project = factories.make_project()
    factories.import_rows(project, factories.rows(pairs, revised=True))
    lead = factories.make_member(project, Role.LEAD, "lena")
    for name in RATERS:
        factories.make_member(project, Role.ANNOTATOR, name)
    return report_on(project, lead), lead


def report_on(project: Project, lead: User) -> DatasetReport:
    order = ReportOrder.from_dict({})
    report = dataset_reporting.request(project=project, actor=lead, order=order)
    dataset_reporting.make(report.pk)
    report.refresh_from_db()
    return report


def asked(report: DatasetReport, lead: User, **given: Any) -> BlindRating:
    """An order, of three raters a text unless said otherwise."""
    order = asking_raters.order_of({"people": [*RATERS], **given})
    return asking_raters.of_report(report=report, actor=lead, order=order)


def person(name: str) -> User:
    return User.objects.get(username=name)


def claimed(rating: BlindRating, name: str) -> BlindAnswer | None:
    return rating_blind.claim(rating=rating, person=person(name))


def say(rating: BlindRating, held: BlindAnswer, **said: Any) -> BlindAnswer:
    """Answer what is in hand, under a new deed."""
    return rating_blind.answer(
        rating=rating,
        token=held.token,
        person=held.person,
        deed=said.pop("deed", uuid4()),
        said=Said(**said),
    )


def place_of(held: BlindAnswer, choice: Choice) -> Place:
    """Where this person sees what they are to choose."""
    if choice is Choice.TIE:
        return Place.TIE
    pair = held.pair
    swapped = is_swapped(pair.rating_id, held.person_id, pair.pk)
    return Place.LEFT if (choice is Choice.ONE) != swapped else Place.RIGHT


def compared(rating: BlindRating, votes: Iterable[dict[str, Choice]]) -> None:
    """Votes of each pair, in the order of their numbers, by the people's names."""
    wanted = dict(enumerate(votes, start=1))
    for name in RATERS:
        while held := claimed(rating, name):
            choice = wanted[held.pair.number].get(name)
            if choice is None:
                say(rating, held, is_passed=True)
            else:
                say(rating, held, place=place_of(held, choice))


def rated(rating: BlindRating, scores: Iterable[dict[str, tuple[int, int]]]) -> None:
    """Scores of the responses, of one and other, of each pair by the people's names;
    instructions are worth 50."""
    assert rating.mode == Mode.RATE
    wanted = dict(enumerate(scores, start=1))
    for name in RATERS:
        while held := claimed(rating, name):
            one, other = wanted[held.pair.number][name]
            score = one if held.side == Side.ONE else other
            say(rating, held, response=score, instruction=50)
