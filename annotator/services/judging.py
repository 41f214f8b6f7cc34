"""Have judges rate the pairs of a file, and compare raw and revised where it has both.

What comes out is one JSON object: the figures by judge, how far judges agree with each
other and with people, and each row's answers, from which all figures can be recounted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from django.utils import timezone

from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.formats.rows import PairRow
from annotator.services.reading_files import PairFile, read
from revision_engine.backends.base import Outage
from revision_engine.types import PairText
from training.evaluation.judges.agreement import (
    of_preferences,
    of_ratings,
    position_bias,
)
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.endpoint import EndpointJudge
from training.evaluation.judges.judge import Contest, Judge, Judgement, Preference
from training.evaluation.judges.people import WithPeople, with_people
from training.evaluation.judges.ratings import ratings
from training.evaluation.judges.win_rate import win_rate
from training.manifest import digest_file

FORMAT = 1
PORTION = 64
"""Questions given to a judge together; between them it is told how far it is."""
RAW, REVISED = "raw", "revised"
Asked = TypeVar("Asked")
Said = TypeVar("Said")
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be judged."""

    source: Path
    by_people: bool = False
    """The revised texts are people's, so that judges can be tested against them."""
    leave_out_bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """All that one judge said of the file."""

    judge: Judge
    raw: list[Judgement]
    revised: list[Judgement]
    preferences: list[Preference]
    """Of revised (first) and raw."""


@dataclass(slots=True)
class _Count:
    """How far a file is judged."""

    whole: int
    tell: Tell
    done: int = 0

    def through(
        self, ask: Callable[[Sequence[Asked]], list[Said]], asked: Sequence[Asked]
    ) -> list[Said]:
        """All answers, asked for in portions."""
        found = list[Said]()
        for start in range(0, len(asked), PORTION):
            found += ask(asked[start : start + PORTION])
            self.done += len(asked[start : start + PORTION])
            self.tell(self.done, self.whole)
        return found


def judge_file(
    order: Order, judges: Sequence[Judge], tell: Tell = lambda done, whole: None
) -> dict[str, Any]:
    """The whole report. `tell` is told how many answers there are, and are to be.

    Raises:
        Invalid: rows cannot be read, or a judge cannot be reached. What a server has
            answered until then is kept: the same order goes on from there.
    """
    file = read(order.source, leave_out_bad=order.leave_out_bad)
    both = [row for row in file.rows if row.revised]
    if order.by_people and not both:
        raise Invalid(f"{order.source.name} holds no revised texts.")
    contests = [Contest(first=_revised(row), second=_raw(row)) for row in both]
    whole = len(judges) * (len(file.rows) + 2 * len(contests))
    count = _Count(whole, tell)
    try:
        found = [_ask(judge, file.rows, contests, count) for judge in judges]
    except Outage as fault:
        raise Invalid(str(fault)) from None
    return {
        "format": FORMAT,
        **_head(order, file, len(both)),
        "judges": [
            _figures(each, contests, by_people=order.by_people) for each in found
        ],
        "agreement": [_agreement(*two) for two in combinations(found, 2)],
        "rows": _rows(file.rows, found),
    }


def _head(order: Order, file: PairFile, revised: int) -> dict[str, Any]:
    return {
        "source": order.source.name,
        "source_sha256": digest_file(order.source),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "pairs": len(file.rows),
        "revised": revised,
        "left_out": file.left_out,
    }


def _raw(row: PairRow) -> PairText:
    return with_newlines(row.text)


def _revised(row: PairRow) -> PairText:
    return with_newlines(row.revised or row.text)


def _ask(
    judge: Judge,
    rows: Sequence[PairRow],
    contests: Sequence[Contest],
    count: _Count,
) -> _Judged:
    return _Judged(
        judge=judge,
        raw=count.through(judge.rate, [_raw(row) for row in rows]),
        revised=count.through(judge.rate, [contest.first for contest in contests]),
        preferences=count.through(judge.prefer, contests),
    )


def _figures(
    judged: _Judged, contests: Sequence[Contest], *, by_people: bool
) -> dict[str, Any]:
    judge = judged.judge
    told: dict[str, Any] = {"name": judge.name, "version": judge.version}
    told[RAW] = asdict(ratings(judged.raw))
    if contests:
        bias = position_bias(judged.preferences)
        told[REVISED] = asdict(ratings(judged.revised))
        told["win_rate"] = asdict(win_rate(contests, judged.preferences))
        told["position_bias"] = asdict(bias) | {"lean": bias.lean}
    if by_people:
        told["people"] = _people(judged, contests)
    if isinstance(judge, EmbeddedJudge):
        told["papers"] = _papers(judge)
    if isinstance(judge, EndpointJudge):
        told["usage"] = asdict(judge.usage)
    return told


def _people(judged: _Judged, contests: Sequence[Contest]) -> dict[str, Any]:
    """Without the pairs that the judge was fitted on."""
    judge = judged.judge
    answers = list(zip(contests, judged.preferences, strict=True))
    if isinstance(judge, EmbeddedJudge):
        answers = [each for each in answers if not judge.has_seen(each[0].second)]
    found: WithPeople = with_people([c for c, _ in answers], [p for _, p in answers])
    left_out = len(contests) - len(answers)
    beats = found.beats_length
    return asdict(found) | {"beats_length": beats, "fitted_on": left_out}


def _papers(judge: EmbeddedJudge) -> dict[str, Any]:
    papers = judge.model.papers
    told = asdict(papers) | {"beats_length": papers.beats_length}
    del told["seen"]
    return told


def _agreement(one: _Judged, other: _Judged) -> dict[str, Any]:
    rated = of_ratings([*one.raw, *one.revised], [*other.raw, *other.revised])
    compared = of_preferences(one.preferences, other.preferences)
    return {
        "judges": [one.judge.version, other.judge.version],
        "ratings": [asdict(each) for each in rated],
        "preferences": [asdict(each) for each in compared],
    }


def _rows(rows: Sequence[PairRow], found: Sequence[_Judged]) -> list[dict[str, Any]]:
    """In the order of the file; `judges` in the order of the report."""
    told, place = [], 0
    for at, row in enumerate(rows):
        answers = []
        for each in found:
            answer: dict[str, Any] = {RAW: asdict(each.raw[at])}
            if row.revised:
                preference = each.preferences[place]
                answer[REVISED] = asdict(each.revised[place])
                answer["preference"] = asdict(preference) | {
                    "winner": preference.winner
                }
            answers.append(answer)
        place += bool(row.revised)
        told.append({"row": row.number, "id": row.external_id, "judges": answers})
    return told
