"""The gate's decision on the page: one number, and each guard with its tolerance."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.utils import translation

from annotator.models import User
from annotator.web import gate_words
from training.evaluation.figures import Figure
from training.evaluation.gate import decide
from training.evaluation.rule import GUARDS, LIMITS, Rule
from training.models import Evaluation, Promotion


def figure(name: str, side: str, *bounds: float, n: int = 100) -> Figure:
    value, low, high = bounds
    return Figure(name=name, side=side, value=value, low=low, high=high, unit="", n=n)


def evaluated(*changed: tuple[str, float, float, float], n: int = 100) -> Evaluation:
    """Beside an active coach: all guards at 0 but for what is changed."""
    values = {guard.figure: (0.0, 0.0, 0.0) for guard in GUARDS}
    values |= {"effort saved": (0.1, 0.02, 0.18)}
    values |= {"better on effort saved": (0.98, 0.98, 0.98)}
    values |= {name: bounds for name, *bounds in changed}
    made = [figure(k, "difference", *v, n=n) for k, v in values.items()]
    found = decide(Rule(), [*made, figure("usable", "current", 0.9, 0.9, 0.9, n=n)])
    rule = Rule().as_dict()
    return Evaluation(outcome=found.outcome, rule=rule, **reasons_of(found))


def reasons_of(found) -> dict[str, object]:
    return {"reasons": [asdict(reason) for reason in found.reasons]}


def test_a_guard_that_fell_far_is_not_called_kept():
    told = gate_words.decision(evaluated(("chrF", -13.0, -27.0, 1.0)))

    first = told.watched[0]
    assert (first.label, first.seen.value, first.asked) == (
        "chrF to the person's text",
        "-13.00",
        "may fall by 0.50",
    )
    assert first.verdict.startswith("in doubt")
    assert told.tally == "7 kept, 1 in doubt"
    assert not told.is_clear


def test_an_evaluation_from_before_there_was_doubt_is_read_the_same_way():
    saved = evaluated(("chrF", -13.0, -27.0, 1.0))
    for reason in saved.reasons:
        del reason["asked"]
        reason["code"] = reason["code"].replace("guard_in_doubt", "guard_kept")

    assert gate_words.decision(saved).tally == "7 kept, 1 in doubt"


def test_every_guard_stands_with_its_tolerance_and_its_value():
    told = gate_words.decision(evaluated(("loop", 0.2, 0.1, 0.3)))

    asked = {each.label: each.asked for each in told.watched}
    assert len(told.watched) == len(GUARDS)
    assert asked["Drafts with a loop"] == "may rise by 1.0 %"
    assert told.watched[0].verdict == "broken: surely worse than that"
    assert told.watched[0].seen.value == "+20.0"
    assert told.tally == "7 kept, 1 broken"


def test_one_sentence_with_one_number_says_how_many_pairs_it_takes():
    saved = evaluated(
        ("effort saved", 0.05, -0.03, 0.13),
        ("better on effort saved", 0.9, 0.9, 0.9),
        n=29,
    )
    told = gate_words.decision(saved)

    sentences = [*told.decisive, told.more]
    assert sum("more held-out" in sentence for sentence in sentences) == 1
    assert told.more.startswith("About ")


def test_two_numbers_of_an_older_evaluation_become_the_one_that_is_enough():
    reasons = [
        {"code": "too_few_pairs", "figure": "", "value": None, "more_pairs": 1},
        {"code": "not_sure", "figure": "effort saved", "more_pairs": 28}
        | {"value": 0.1, "low": 0.0, "high": 0.2},
    ]

    told = gate_words.decision(Evaluation(outcome="hold", reasons=reasons))

    assert told.more == "About 28 more held-out pairs would tell."
    assert not any("28" in sentence for sentence in told.decisive)
    assert gate_words.first_reason(reasons) == (
        "There are too few held-out pairs to decide on. "
        "About 28 more held-out pairs would tell."
    )


@pytest.mark.parametrize(
    ("value", "low", "verdict"),
    [(0.99, 0.97, "kept"), (0.7, 0.6, "in doubt"), (0.7, 0.65, "broken")],
)
def test_a_first_coachs_limits_stand_with_their_bounds(value, low, verdict):
    made = [figure("effort saved", "", 0.07, 0.05, 0.09)]
    high = 0.79 if verdict == "broken" else 1.0
    for limit in LIMITS:
        bounds = (value, low, high) if limit.figure == "usable" else [limit.bound] * 3
        made.append(figure(limit.figure, "coach", *bounds))
    found = decide(Rule(), made)

    told = gate_words.decision(
        Evaluation(outcome="hold", rule=Rule().as_dict(), **reasons_of(found))
    )

    usable = next(each for each in told.watched if each.label == "Usable drafts")
    assert usable.asked == "at least 80.0 %"
    assert usable.verdict.startswith(verdict)


def test_the_log_says_the_gates_reason_in_the_readers_language():
    kept = Promotion(
        way=Promotion.Way.GATE, evaluation=evaluated(), reason="It saves more effort."
    )

    with translation.override("zh-hans"):
        said = gate_words.why_promoted(kept)

    assert said.startswith("更省力")


@pytest.mark.parametrize("way", Promotion.Way.values)
def test_what_a_person_wrote_stays_as_they_wrote_it(way):
    written = Promotion(way=way, actor=User(), reason="Nothing yet.")

    with translation.override("zh-hans"):
        assert gate_words.why_promoted(written) == "Nothing yet."
