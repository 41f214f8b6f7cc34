"""Order blind ratings: people say which texts are better, and do not know whose they
are.

Texts are drawn by hash among those that a report or a study keeps ready, and written
down with what other judges say of them: later changes of the pairs change nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.blind_ratings import BlindOrder, Choice, by_scores
from annotator.domain.dataset_reports import Source
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.models import (
    BlindPair,
    BlindRating,
    DatasetReport,
    Membership,
    ModelStudy,
    Pair,
    Project,
    Review,
    User,
)
from annotator.services import telling_of_work
from annotator.services.taking_orders import taken
from revision_engine.types import PairText
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.judge import Contest, Winner
from training.examples import fingerprint
from training.services import judging

CHOICES = {
    Winner.FIRST: Choice.OTHER,
    Winner.SECOND: Choice.ONE,
    Winner.TIE: Choice.TIE,
}
"""Contests have the other one first: it is the one that may win."""
OF_PAIRS = (Source.ACCEPTED, Source.BATCH, Source.COACH)
"""Sources whose rows are numbered as the project's pairs."""


@dataclass(slots=True, kw_only=True)
class Drawn:
    """One pair that people may be asked about."""

    one: PairText
    other: PairText
    pair: int | None = None
    """Of the project, if it is one."""
    item: str = ""
    seed: int | None = None
    """Of a study: which instruction, and which seed's models answered it."""
    judged: dict[str, dict[str, Any]] = field(default_factory=dict)


def order_of(given: dict[str, Any]) -> BlindOrder:
    """The order that a person typed; Invalid names what is wrong."""
    return taken(BlindOrder.from_dict, given)


def of_report(*, report: DatasetReport, actor: User, order: BlindOrder) -> BlindRating:
    """Have the raw and the revised texts of a report's changed pairs rated.

    Raises:
        NotAllowed: the actor's role does not cover it.
        Invalid: the report has no texts, or too few people may rate them.
    """
    policies.require(actor, report.project, Deed.HAVE_RATED)
    if order.one or order.other:
        raise Invalid(gettext("one, other: only a study has arms to choose from."))
    drawn = [_of_report(report, row) for row in report.for_raters]
    if not drawn:
        raise Invalid(_nothing_kept(made=report.state == DatasetReport.State.DONE))
    if report.order.source not in OF_PAIRS:
        _find_pairs(report.project, drawn)
    rating = BlindRating(report=report, one="raw", other="revised")
    return _ordered(rating, report.project, actor, order, drawn)


def of_study(*, study: ModelStudy, actor: User, order: BlindOrder) -> BlindRating:
    """Have what two arms of a study answer rated; raises as `of_report`."""
    policies.require(actor, study.project, Deed.HAVE_RATED)
    if not study.for_raters:
        raise Invalid(_nothing_kept(made=study.state == ModelStudy.State.DONE))
    there = arms(study)
    if len(there) < 2:
        raise Invalid(gettext("Fewer than two models of this study have answered."))
    one = order.one or there[0]
    other = order.other or next(name for name in there if name != one)
    for name, arm in (("one", one), ("other", other)):
        if arm not in there:
            raise Invalid(
                gettext("%(name)s must be one of %(there)s, got “%(arm)s”.")
                % {"name": name, "there": ", ".join(there), "arm": arm}
            )
    if one == other:
        raise Invalid(gettext("other: a study compares two different arms."))
    drawn = [
        Drawn(
            one=_answered(row, one),
            other=_answered(row, other),
            item=row.get("item", ""),
            seed=row.get("seed"),
        )
        for row in study.for_raters
        if one in row["answers"] and other in row["answers"]
    ]
    _find_askers(study.project, drawn)
    rating = BlindRating(study=study, one=one, other=other)
    return _ordered(rating, study.project, actor, order, drawn)


def arms(study: ModelStudy) -> list[str]:
    """Arms of a study whose answers are kept ready: in its order, and then the untuned
    model."""
    kept = list(
        dict.fromkeys(arm for row in study.for_raters for arm in row["answers"])
    )
    first = [name for name in study.order.arms if name in kept]
    return [*map(str, first), *(name for name in kept if name not in first)]


def _nothing_kept(*, made: bool) -> str:
    if not made:
        return gettext("There is nothing to rate before it is done.")
    return gettext(
        "No texts are kept ready: none was changed, or it was made by an earlier "
        "version. Have it made anew."
    )


def _of_report(report: DatasetReport, row: Mapping[str, Any]) -> Drawn:
    is_numbered = report.order.source in OF_PAIRS
    judged = {
        name: {
            "version": said["version"],
            "winner": _higher(said["raw"], said["revised"]),
            "one": said["raw"],
            "other": said["revised"],
            "seen": said["seen"],
        }
        for name, said in row["judged"].items()
    }
    return Drawn(
        one=PairText(**row["raw"]),
        other=PairText(**row["revised"]),
        pair=row["number"] if is_numbered else None,
        judged=judged,
    )


def _higher(one: float | None, other: float | None) -> str | None:
    return None if one is None or other is None else by_scores(one, other).value


def _answered(row: Mapping[str, Any], arm: str) -> PairText:
    return PairText(
        instruction=row["instruction"],
        input=row["input"],
        response=row["answers"][arm],
    )


def _find_pairs(project: Project, drawn: Sequence[Drawn]) -> None:
    """Of a file: the project's pairs with the same raw text."""
    keys = {fingerprint(each.one): each for each in drawn}
    found = Pair.objects.filter(project=project, fingerprint__in=list(keys))
    for pk, key in found.values_list("pk", "fingerprint"):
        keys[key].pair = pk


def _find_askers(project: Project, drawn: Sequence[Drawn]) -> None:
    """Of a test set: the project's pairs whose reviews ask for the same."""
    asked: dict[tuple[str, str], list[Drawn]] = defaultdict(list)
    for each in drawn:
        asked[each.one.instruction, each.one.input].append(each)
    reviews = Review.objects.filter(
        pair__project=project, instruction__in=[key[0] for key in asked]
    )
    for pk, *key in reviews.values_list("pair", "instruction", "input"):
        for each in asked.get((key[0], key[1]), ()):
            each.pair = pk


@transaction.atomic
def _ordered(
    rating: BlindRating,
    project: Project,
    actor: User,
    order: BlindOrder,
    drawn: Sequence[Drawn],
) -> BlindRating:
    people = _people(project, order.people)
    chosen = _for_enough(drawn, people, order)
    _judge(chosen)
    rating.project, rating.asked_by = project, actor
    rating.mode, rating.raters = order.mode, order.raters
    rating.save()
    rating.people.set(people)
    BlindPair.objects.bulk_create(
        BlindPair(
            rating=rating,
            number=number,
            pair_id=each.pair,
            item=each.item,
            seed=each.seed,
            one=asdict(each.one),
            other=asdict(each.other),
            judged=each.judged,
        )
        for number, each in enumerate(chosen, start=1)
    )
    telling_of_work.asked_to_rate(rating, [person.pk for person in people])
    return rating


def _people(project: Project, names: Iterable[str]) -> list[User]:
    """Members by their names; Invalid names who is none."""
    held = Membership.objects.filter(project=project, user__is_active=True)
    members = {
        each.user.get_username(): each.user for each in held.select_related("user")
    }
    if unknown := [name for name in names if name not in members]:
        raise Invalid(
            gettext("people: %(names)s is no member of this project.")
            % {"names": ", ".join(unknown)}
        )
    return [members[name] for name in names]


def _for_enough(
    drawn: Iterable[Drawn], people: Collection[User], order: BlindOrder
) -> list[Drawn]:
    """The first pairs that enough people had no hand in."""
    drawn = list(drawn)
    hands = had_a_hand([each.pair for each in drawn if each.pair])
    ids = {person.pk for person in people}
    fit = [
        each
        for each in drawn
        if len(ids - hands.get(each.pair or 0, set())) >= order.raters
    ]
    if not fit:
        raise Invalid(
            gettext(
                "people: of each text, at least %(raters)s of them must have neither "
                "written nor judged it. Choose people who did less with these pairs."
            )
            % {"raters": order.raters}
        )
    return fit[: order.texts]


def had_a_hand(pairs: Collection[int]) -> dict[int, set[int]]:
    """Of each pair, whoever wrote a review of it, or judged one."""
    found: dict[int, set[int]] = defaultdict(set)
    reviews = Review.objects.filter(pair__in=pairs)
    for pair, *people in reviews.values_list("pair", "author", "verdict__judge"):
        found[pair] |= {person for person in people if person}
    return found


def _judge(drawn: Sequence[Drawn]) -> None:
    """Add the embedded judge's word, which costs nothing, if there is such a judge."""
    try:
        judge = judging.embedded()
    except judging.NoJudge:
        return
    for each, said in zip(drawn, _said(judge, drawn), strict=True):
        each.judged[judge.name] = said


def _said(judge: EmbeddedJudge, drawn: Sequence[Drawn]) -> Iterator[dict[str, Any]]:
    contests = [Contest(first=each.other, second=each.one) for each in drawn]
    ones = judge.rate([each.one for each in drawn])
    others = judge.rate([each.other for each in drawn])
    rows = zip(drawn, judge.prefer(contests), ones, others, strict=True)
    for each, preference, one, other in rows:
        winner = preference.winner
        yield {
            "version": judge.version,
            "winner": CHOICES[winner].value if winner else None,
            "one": one.rating,
            "other": other.rating,
            "seen": judge.has_seen(each.one),
        }


def check_unasked(ratings: QuerySet[BlindRating]) -> None:
    """Invalid if there are any: what they are of would take people's answers along."""
    if ratings.exists():
        raise Invalid(
            gettext("People were asked to rate its texts: delete that rating first.")
        )


@transaction.atomic
def end(*, rating: BlindRating, actor: User) -> None:
    """Hand out nothing any more; what was said counts. Invalid if it is ended."""
    policies.require(actor, rating.project, Deed.HAVE_RATED)
    rating = BlindRating.objects.locked().get(pk=rating.pk)
    if rating.ended_at:
        raise IllegalMove(gettext("This rating is ended already."))
    rating.ended_at = timezone.now()
    rating.save(update_fields=["ended_at"])


@transaction.atomic
def delete(*, rating: BlindRating, actor: User) -> None:
    """With all that people said."""
    policies.require(actor, rating.project, Deed.HAVE_RATED)
    rating.delete()
