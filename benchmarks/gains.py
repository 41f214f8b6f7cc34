"""Does the efficiency number tell the truth? Simulated teams whose gain is known.

    ./coachlm benchmark gains [repetitions]

Each repetition makes up a team's pairs and hands their cells to the estimator that the
page uses (annotator/domain/gain/estimate.py). How long a pair takes comes out of the
real clock (annotator/domain/timing.py): ticks every 15 s while a person works, none at
lunch. The truth is in seconds really worked: what the clock gets wrong counts as bias.

Prints a line a scenario: how far the mean log(ratio) is from the truth, beside its
Monte-Carlo error; the share of 95 % intervals that hold the truth; and how wide they
are. With 5 people and more, each repetition has new people and the truth is that of the
population; with fewer they stay, and the truth is theirs.
"""

from __future__ import annotations

import math
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from annotator.domain.challenge.figures import MIN_PEOPLE
from annotator.domain.gain import estimate
from annotator.domain.gain.cells import ARMS, GainCell
from annotator.domain.timing import Tick, active_seconds

REPETITIONS = 1000
WEEK = date(2026, 1, 5)
OPENED = datetime(2026, 1, 5, 9, tzinfo=UTC)
TICK = 15.0
IDLE = timedelta(seconds=120)
BANDS = ("short", "medium", "long", "very_long")
SECONDS = np.array([60.0, 100.0, 160.0, 260.0])
"""Median of each band, without the coach."""
COMMON = np.array([0.3, 0.4, 0.2, 0.1])
LONG = np.array([0.1, 0.2, 0.3, 0.4])
CATEGORIES = ("writing", "coding")
POOL = 1500
"""Pairs of a band and arm whose ticks are gone through; repetitions draw from them."""
AGAIN = 0.5
"""Of the first pass: the time that a pair takes which was sent back."""
GIVEN_UP = 0.04

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A team and what the coach does for it."""

    name: str
    people: int
    each: int
    """Pairs a person."""
    control: float = 0.3
    gain: float = 1.18
    """More pairs in the same time, before returns."""
    differs: float = 0.0
    """Standard deviation of people's own log(gain)."""
    returns: tuple[float, float] = (0.1, 0.1)
    """Share that quality control sends back, without and with the coach."""
    slow: bool = False
    """One person is three times as slow and has twice the control pairs."""
    unequal: bool = False
    """The busiest person does several times what the others do."""
    lunch_every: float = 0.0
    """Seconds of work between breaks of 5 to 60 minutes; 0: none."""
    is_long: bool = False
    """Mostly long pairs, of which times spread more; the longer, the less gain."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a scenario."""

    scenario: Scenario
    truth: float
    """Mean true ratio."""
    bias: float
    """Of log(ratio)."""
    error: float
    """The Monte-Carlo error of `bias`: one standard error."""
    covered: float
    """Share of the intervals that hold the truth."""
    half: float
    """Half the median interval, of log(ratio)."""


@dataclass(frozen=True, slots=True)
class Team:
    """The people of one repetition."""

    pace: Numbers
    """How many times as long as others each takes."""
    own: Numbers
    """Each one's log(gain) less the team's."""
    control: Numbers
    """Each one's share of control pairs."""
    counts: NDArray[np.int64]
    """Pairs of each."""


def scenarios() -> list[Scenario]:
    """Every case with many people and with few."""
    teams = [(12, 60), (5, 100), (4, 100), (3, 120)]
    return [each for team in teams for each in _cases(*team)]


def _cases(people: int, each: int) -> list[Scenario]:
    cases: dict[str, dict[str, object]] = {
        "plain": {},
        "no effect": {"gain": 1.0},
        "lunch breaks": {"lunch_every": 1500.0},
        "a slow person": {"slow": True},
        "gains differ": {"differs": 0.15},
        "long pairs": {"is_long": True},
        "more returns": {"returns": (0.1, 0.3)},
        "fewer returns": {"returns": (0.3, 0.1)},
        "unequal work": {"unequal": True},
        "few control": {"control": 0.12, "each": 2 * each},
    }
    return [
        Scenario(**{"name": name, "people": people, "each": each, **changes})  # type: ignore[arg-type]
        for name, changes in cases.items()
    ]


def simulate(scenario: Scenario, repetitions: int = REPETITIONS) -> Found:
    """Estimate again and again what is known."""
    name = f"{scenario.name} {scenario.people}"
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    worked, clocked = _pools(scenario, chance)
    team = _team(scenario, chance)
    rows = []
    for _ in range(repetitions):
        if scenario.people >= MIN_PEOPLE:
            team = _team(scenario, chance)
        cells, mix = _work(scenario, team, clocked, chance)
        gain = estimate.estimate(cells, least_people=1)
        truth = _truth(scenario, team, worked, mix)
        if gain.ratio:
            ratio = gain.ratio
            rows.append([truth, *map(math.log, (ratio.value, ratio.low, ratio.high))])
    truths, values, lows, highs = np.array(rows).T
    off = values - truths
    return Found(
        scenario=scenario,
        truth=float(np.exp(truths.mean())),
        bias=float(off.mean()),
        error=float(off.std() / math.sqrt(len(off))),
        covered=float(((lows <= truths) & (truths <= highs)).mean()),
        half=float(np.median(highs - lows) / 2),
    )


def _gain_of(scenario: Scenario) -> Numbers:
    """log(gain) of each band."""
    less = np.array([1.2, 1.1, 0.9, 0.7]) if scenario.is_long else np.ones(len(BANDS))
    return math.log(scenario.gain) * less


def _pools(
    scenario: Scenario, chance: np.random.Generator
) -> tuple[Numbers, list[list[Numbers]]]:
    """By arm and band: mean seconds worked, and the clocked seconds of each pair."""
    means = np.zeros((len(ARMS), len(BANDS)))
    clocked: list[list[Numbers]] = []
    spread = 0.8 if scenario.is_long else 0.6
    for place in range(len(ARMS)):
        clocked.append([])
        for band, median in enumerate(SECONDS):
            with_coach = math.exp(-_gain_of(scenario)[band] * place)
            normal = chance.normal(size=POOL)
            work = median * with_coach * np.exp(spread * normal)
            means[place, band] = work.mean()
            clocked[place].append(_clock(work, scenario.lunch_every, chance))
    return means, clocked


def _clock(work: Numbers, lunch_every: float, chance: np.random.Generator) -> Numbers:
    """Active seconds as the house measures them, from the ticks of an open page."""
    breaks = np.zeros(len(work))
    if lunch_every:
        has_one = chance.random(len(work)) < work / lunch_every
        breaks = has_one * chance.uniform(300, 3600, len(work))
    starts = work * chance.random(len(work))
    return np.array([_clocked(*row) for row in zip(work, breaks, starts, strict=True)])


def _clocked(work: float, idle: float, start: float) -> float:
    """One pair: `idle` seconds away from the desk, `start` seconds into the work."""
    times = np.arange(TICK, work + idle, TICK)
    # A tick is active if the person was there at some time since the last.
    away = (times - TICK >= start) & (times <= start + idle)
    spent = active_seconds(
        [
            Tick(OPENED + timedelta(seconds=at), not gone)
            for at, gone in zip(times.tolist(), away.tolist(), strict=True)
        ],
        opened_at=OPENED,
        closed_at=OPENED + timedelta(seconds=work + idle),
        idle_limit=IDLE,
    )
    return spent.active


def _team(scenario: Scenario, chance: np.random.Generator) -> Team:
    people = scenario.people
    pace = np.exp(chance.normal(0, 0.35, people))
    control = np.full(people, scenario.control)
    counts = np.full(people, scenario.each)
    if scenario.slow:
        pace[0], control[0] = 3.0, 2 * scenario.control
    if scenario.unequal:
        shares = np.arange(1, people + 1) ** 1.5
        counts = np.round(scenario.each * people * shares / shares.sum()).astype(int)
    own = chance.normal(0, scenario.differs, people)
    return Team(pace, own, control, np.maximum(counts, 4))


def _work(
    scenario: Scenario,
    team: Team,
    clocked: Sequence[Sequence[Numbers]],
    chance: np.random.Generator,
) -> tuple[list[GainCell], Numbers]:
    """The cells of what a team did; and pairs by person and band."""
    person = np.repeat(np.arange(scenario.people), team.counts)
    many = len(person)
    shares = LONG if scenario.is_long else COMMON
    band = chance.choice(len(BANDS), many, p=shares)
    category = chance.integers(0, len(CATEGORIES), many)
    coached = (chance.random(many) >= team.control[person]).astype(int)
    drawn = chance.integers(0, POOL, (2, many))
    pool = np.array(clocked)
    sent_back = chance.random(many) < np.array(scenario.returns)[coached]
    seconds = pool[coached, band, drawn[0]]
    seconds = seconds + AGAIN * sent_back * pool[coached, band, drawn[1]]
    seconds *= team.pace[person] * np.exp(-team.own[person] * coached)
    accepted = chance.random(many) >= GIVEN_UP
    shape = (scenario.people, len(BANDS), len(CATEGORIES), len(ARMS), 5)
    table = np.zeros(shape)
    columns = [np.ones(many), accepted, seconds, seconds**2, seconds * accepted]
    np.add.at(table, (person, band, category, coached), np.array(columns).T)
    mix = table[..., 0].sum((2, 3))
    return _cells(table), mix


def _cells(table: Numbers) -> list[GainCell]:
    places = np.argwhere(table[..., 0] > 0).tolist()
    return [_cell(place, table[tuple(place)].tolist()) for place in places]


def _cell(place: Sequence[int], sums: Sequence[float]) -> GainCell:
    person, band, category, coached = place
    pairs, accepted, seconds, squares, product = sums
    return GainCell(
        person=person,
        band=BANDS[band],
        category=CATEGORIES[category],
        arm=ARMS[coached],
        coach=coached or None,
        week=WEEK,
        pairs=int(pairs),
        accepted=int(accepted),
        seconds=seconds,
        squares=squares,
        product=product,
        all_seconds=seconds,
        all_squares=squares,
        all_product=product,
    )


def _truth(scenario: Scenario, team: Team, worked: Numbers, mix: Numbers) -> float:
    """log(ratio) of the mix of pairs that there was, in seconds really worked."""
    varied = scenario.people >= MIN_PEOPLE
    # The mean of exp(-own) over a population of such people.
    own = np.full(scenario.people, math.exp(scenario.differs**2 / 2))
    if not varied:
        own = np.exp(-team.own)
    weight = mix * (team.pace * team.control * (1 - team.control))[:, None]
    times = 1 + AGAIN * np.array(scenario.returns)
    without = (weight * worked[0]).sum() * times[0]
    coached = (weight * worked[1] * own[:, None]).sum() * times[1]
    return math.log(without / coached)


def line(found: Found) -> str:
    """A row of the table in docs/efficiency.md."""
    each = found.scenario
    return (
        f"| {each.name} | {each.people} | {each.people * each.each} | "
        f"{found.truth:.3f} | {found.bias:+.4f} | {found.error:.4f} | "
        f"{100 * found.covered:.1f} | {found.half:.2f} |"
    )


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    print(
        "| scenario | people | pairs | true ratio | bias of log(ratio) | its error | "
        "covered, % | half width |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for scenario in scenarios():
        print(line(simulate(scenario, repetitions)), flush=True)


if __name__ == "__main__":
    main()
