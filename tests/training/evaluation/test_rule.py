"""A project's rule is saved as JSON and refuses what makes no sense."""

from __future__ import annotations

import json

import pytest

from training.evaluation.rule import Guard, Limit, Rule


def test_a_rule_survives_json():
    rule = Rule(
        minimum_pairs=50,
        least_gain=0.01,
        guards=(Guard(figure="held-out loss", better="lower", tolerance=0.05),),
        limits=(Limit(figure="nearer than raw", better="higher", bound=0.3, side=""),),
    )

    assert Rule.from_dict(json.loads(json.dumps(rule.as_dict()))) == rule


def test_what_is_not_said_is_the_default():
    assert Rule.from_dict({}) == Rule()
    assert Rule.from_dict({"confidence": 0.9}).guards == Rule().guards


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"patience": 3}, "unknown rule setting: patience"),
        ({"guards": [{"figure": "loop", "side": "x"}]}, "unknown guard setting: side"),
        ({"guards": [{"figure": "loop"}]}, "guard: .*better"),
        ({"guards": [{"figure": "loop", "better": "up"}]}, "better must be one of"),
        (
            {"guards": [{"figure": "loop", "better": "lower", "tolerance": -1}]},
            "tolerance",
        ),
        (
            {"limits": [{"figure": "loop", "better": "lower", "bound": float("nan")}]},
            "bound",
        ),
        (
            {
                "limits": [
                    {"figure": "chrF", "better": "higher", "bound": 9, "side": "raw"}
                ]
            },
            "side",
        ),
        ({"minimum_pairs": 1}, "minimum_pairs"),
        ({"confidence": 1}, "confidence"),
        ({"least_gain": -0.1}, "least_gain"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(values, complaint):
    with pytest.raises(ValueError, match=complaint):
        Rule.from_dict(values)
