"""What blind ratings found, counted from their rows each time: as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import mean
from typing import Any

import numpy as np

from annotator.domain import raters_agreement
from annotator.domain.blind_ratings import Choice, Mode, Side, by_scores, together
from annotator.models import BlindAnswer, BlindPair
from annotator.selectors.blind_ratings import Stand
from training.evaluation import bootstrap
from training.evaluation.bootstrap import Numbers
from training.evaluation.judges import beside_people
from training.evaluation.judges.beside_people import LENGTH, PEOPLE
from training.evaluation.judges.judge import Contest, Winner
from training.evaluation.judges.win_rate import win_rate
from training.evaluation.paired import BeforeAfter, Resampling, before_after

Json = dict[str, Any]
WINNERS = {
    Choice.OTHER: Winner.FIRST,
    Choice.ONE: Winner.SECOND,
    Choice.TIE: Winner.TIE,
}
"""Contests have the other one first: win rates are its."""
FIELDS = ("instruction", "response")
Scores = Mapping[tuple[int, str, str], Sequence[int]]
"""Of each pair, side and field, what its raters gave."""


def results(stands: Iterable[Stand]) -> list[Json]:
    """Of each order: how far it is, and what its raters say by now."""
    return [_results(each) for each in stands]


def _results(stand: Stand) -> Json:
    rating = stand.rating
    pairs = list(rating.pairs.order_by("number"))
    answers = list(
        BlindAnswer.objects.given().filter(pair__rating=rating).order_by("pk")
    )
    people = _votes(answers) if rating.mode == Mode.COMPARE else _by_mean(answers)
    return {
        "id": rating.pk,
        "mode": rating.mode,
        "one": rating.one,
        "other": rating.other,
        "asked_at": rating.created_at.isoformat(),
        "ended_at": rating.ended_at.isoformat() if rating.ended_at else None,
        "pairs": stand.pairs,
        "raters": rating.raters,
        "people": stand.people,
        "answers": stand.answers,
        "wanted": stand.wanted,
        "passed": stand.passed,
        "ratings": _ratings(answers, {pair.pk: pair for pair in pairs}),
        "comparison": _comparison(pairs, people),
        "agreement": _agreement(answers, rating.mode),
        **_judges(pairs, people, _mean_scores(answers)),
    }


def _votes(answers: Iterable[BlindAnswer]) -> dict[int, Choice]:
    """What more than half of a pair's raters named."""
    said: dict[int, list[Choice]] = {}
    for each in answers:
        said.setdefault(each.pair_id, []).append(Choice(each.choice))
    return {pair: together(votes) for pair, votes in said.items()}


def _by_mean(answers: Iterable[BlindAnswer]) -> dict[int, Choice]:
    """The side whose responses are rated higher, of pairs with both rated."""
    means = _mean_scores(answers)
    return {
        pair: by_scores(means[pair, Side.ONE], means[pair, Side.OTHER])
        for pair in {pair for pair, _ in means}
        if (pair, Side.ONE) in means and (pair, Side.OTHER) in means
    }


def _mean_scores(answers: Iterable[BlindAnswer]) -> dict[tuple[int, str], float]:
    """Of each pair and side, the mean score of its response."""
    scores = _scores(answers)
    return {
        (pair, side): mean(given)
        for (pair, side, name), given in scores.items()
        if name == "response"
    }


def _scores(answers: Iterable[BlindAnswer]) -> Scores:
    found: dict[tuple[int, str, str], list[int]] = {}
    for each in answers:
        for name in FIELDS:
            if (score := getattr(each, name)) is not None:
                found.setdefault((each.pair_id, each.side, name), []).append(score)
    return found


def _ratings(answers: Sequence[BlindAnswer], pairs: Mapping[int, BlindPair]) -> Json:
    """Of each field that was scored: means over pairs with both sides rated."""
    scores = _scores(answers)
    found = {}
    for name in FIELDS:
        both = {
            pair: (mean(given), mean(scores[pair, Side.OTHER, name]))
            for (pair, side, field), given in scores.items()
            if field == name and side == Side.ONE and (pair, Side.OTHER, name) in scores
        }
        if both:
            figure = _means(
                np.array([*both.values()]), _times([pairs[pair] for pair in both])
            )
            found[name] = {
                "pairs": len(both),
                "one": asdict(figure.raw),
                "other": asdict(figure.revised),
                "difference": asdict(figure.difference),
            }
    return found


def _means(columns: Numbers, times: Numbers | None) -> BeforeAfter:
    """Of one (first column) and other, over pairs."""
    if times is None:
        drawn = Resampling(pairs=len(columns))
        return drawn.means(columns[:, :1], columns[:, 1:])[0]
    every = times.sum(axis=1, keepdims=True)
    drawn_means = (times @ columns)[every[:, 0] > 0] / every[every[:, 0] > 0]
    one, other = drawn_means[0]
    return before_after(one, other, drawn_means[:, 0], drawn_means[:, 1])


def _contest(pair: BlindPair) -> Contest:
    return Contest(first=pair.text(Side.OTHER), second=pair.text(Side.ONE))


def _comparison(
    pairs: Iterable[BlindPair], people: Mapping[int, Choice]
) -> Json | None:
    """Win rates of the other one."""
    decided = [pair for pair in pairs if pair.pk in people]
    if not decided:
        return None
    winners = [WINNERS[people[pair.pk]] for pair in decided]
    return asdict(
        win_rate(
            [_contest(pair) for pair in decided],
            beside_people.as_preferences(winners),
            _times(decided),
        )
    )


def _times(pairs: Sequence[BlindPair]) -> Numbers | None:
    """How often each pair counts in each resample: those of a study share instructions
    and seeds, which are drawn; None: pairs are drawn one by one."""
    if not all(pair.item for pair in pairs):
        return None
    return bootstrap.crossed([pair.item for pair in pairs], [p.seed for p in pairs])


def _agreement(answers: Sequence[BlindAnswer], mode: str) -> list[Json]:
    """Among people, question by question."""
    if mode == Mode.COMPARE:
        said: dict[int, list[str]] = {}
        for each in answers:
            said.setdefault(each.pair_id, []).append(each.choice)
        found = raters_agreement.of_choices(list(said.values()))
        return [{"about": "choice", **asdict(found)}]
    scores = _scores(answers)
    return [
        {"about": name, **asdict(raters_agreement.of_scores(given))}
        for name in FIELDS
        if (given := [each for key, each in scores.items() if key[2] == name])
    ]


def _judges(
    pairs: Sequence[BlindPair],
    people: Mapping[int, Choice],
    means: Mapping[tuple[int, str], float],
) -> Json:
    """Each judge beside each other one, and beside length; pairs that a judge was
    fitted on are not asked of it."""
    contests = [_contest(pair) for pair in pairs]
    winners: dict[str, list[Winner | None]] = {
        PEOPLE: [
            WINNERS[people[pair.pk]] if pair.pk in people else None for pair in pairs
        ],
        LENGTH: [*beside_people.by_length(contests)],
    }
    versions: dict[str, str] = {}
    for pair in pairs:
        versions |= {name: said["version"] for name, said in pair.judged.items()}
    for name in versions:
        winners[name] = [_winner(pair, name) for pair in pairs]
    couples = beside_people.couples(winners, _all_ratings(pairs, versions, means))
    told = [
        beside_people.beside_people(name, contests, winners[name], winners[PEOPLE])
        for name in versions
    ]
    return {
        "judges": [asdict(each) for each in couples],
        "beside_people": [
            {
                **asdict(each),
                "version": versions[each.judge],
                "seen": sum(_has_seen(pair, each.judge) for pair in pairs),
                "beats_length": each.beats_length,
            }
            for each in told
        ],
    }


def _has_seen(pair: BlindPair, name: str) -> bool:
    return bool(pair.judged.get(name, {}).get("seen"))


def _winner(pair: BlindPair, name: str) -> Winner | None:
    said = pair.judged.get(name, {}).get("winner")
    return WINNERS[Choice(said)] if said and not _has_seen(pair, name) else None


def _all_ratings(
    pairs: Sequence[BlindPair],
    judges: Iterable[str],
    means: Mapping[tuple[int, str], float],
) -> dict[str, list[float | None]] | None:
    """Every judge's ratings of all texts; None where people gave none."""
    if not means:
        return None
    texts = [(pair, side) for pair in pairs for side in Side]
    found: dict[str, list[float | None]] = {
        PEOPLE: [means.get((pair.pk, side)) for pair, side in texts],
        LENGTH: [len(pair.text(side).response) for pair, side in texts],
    }
    for name in judges:
        found[name] = [
            None if _has_seen(pair, name) else pair.judged.get(name, {}).get(side)
            for pair, side in texts
        ]
    return found
