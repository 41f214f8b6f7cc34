"""A team's own rules stand beside those that come along."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from annotator.formats.rules import applying, registry
from annotator.formats.rules.applying import RuleFailed
from annotator.formats.rules.normalising import Normalise
from annotator.formats.rules.outcomes import Outcome, UnusableSetting
from revision_engine.types import PairText
from tests.annotator.formats.rules.texts import RIGHT

OWN = """
from dataclasses import dataclass
from typing import ClassVar
from annotator.formats.rules.outcomes import NOTHING, Outcome

@dataclass(frozen=True, slots=True, kw_only=True)
class NoShouting:
    key: ClassVar[str] = "no_shouting"
    least: int = 5

    def check(self, pair):
        loud = pair.instruction.isupper() and len(pair.instruction) >= self.least
        return Outcome(tags=("shouting",)) if loud else NOTHING

class NoDataclass:
    key = "plain"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Iterator[None]:
    """A package of a team, as pip would install it."""
    (tmp_path / "our_rules.py").write_text(OWN)
    about = tmp_path / "our_rules-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: our-rules\nVersion: 1"
    )
    (about / "entry_points.txt").write_text(
        "[coachlm.rules]\n"
        "shouting = our_rules:NoShouting\n"
        "plain = our_rules:NoDataclass\n"
        "gone = our_rules:Missing\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.known.cache_clear()
    yield
    registry.known.cache_clear()
    sys.modules.pop("our_rules", None)


@pytest.mark.usefixtures("installed")
def test_a_rule_of_a_team_is_there_with_its_settings():
    rule = registry.make("no_shouting", {"least": 3})

    treated = applying.treat([rule], PairText(instruction="LOUD", response="x"))

    assert treated.tags == [("no_shouting", "shouting")]
    assert registry.settings_of("no_shouting") == {"least": 5}


@pytest.mark.usefixtures("installed")
def test_one_that_cannot_be_loaded_costs_no_other():
    known = registry.known()

    assert set(known.faults) == {"plain", "gone"}
    assert "no dataclass" in known.faults["plain"]
    assert "normalise" in known.rules


@pytest.mark.parametrize(
    ("key", "given", "told"),
    [
        ("nothing", {}, "There is no rule nothing"),
        ("normalise", {"colour": True}, "no setting colour"),
        ("normalise", {"line_ends": 1}, "line_ends must be yes or no"),
        ("length", {"most_tokens": True}, "most_tokens must be a whole number"),
        ("length", {"most_tokens": "many"}, "most_tokens must be a whole number"),
        ("safety", {"words": "bomb"}, "words must be a list"),
        ("alike", {"least_alike": 0.1}, "least_alike"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(key, given, told):
    with pytest.raises(UnusableSetting, match=told):
        registry.make(key, given)


class Dies:
    key = "dies"

    def check(self, pair):
        raise KeyError("x")


class Says:
    key = "says"

    def __init__(self, outcome):
        self.outcome = outcome

    def check(self, pair):
        return self.outcome


PAIR = PairText(instruction="Say it.", input="In.", response="So.")


@pytest.mark.parametrize(
    "rule",
    [
        Dies(),
        Says("text"),
        Says(Outcome(tags=("",))),
        Says(Outcome(tags=("x" * 41,))),
        Says(Outcome(text=PairText(instruction="a\0b", response="c"))),
        Says(Outcome(text=PairText(instruction="a" * 50_000, response="c"))),
    ],
)
def test_a_rule_that_fails_is_named(rule):
    with pytest.raises(RuleFailed, match=rule.key):
        applying.treat([rule], PAIR)


def test_a_fix_never_takes_a_whole_field_away():
    gone = Says(Outcome(text=PairText(instruction="Say it.", input="", response="So.")))

    assert applying.treat([gone], PAIR).changes == []


def test_each_rule_sees_what_the_one_before_left():
    first = Says(Outcome(text=PairText(instruction="B ", input="In.", response="So.")))

    done = applying.treat([first, Normalise()], PAIR)

    assert done.text.instruction == "B"
    assert [(c.rule, c.old, c.new) for c in done.changes] == [
        ("says", "Say it.", "B "),
        ("normalise", "B ", "B"),
    ]


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_all_rules_together_leave_alone_what_is_right(text):
    rules = [registry.make(key, {}) for key in registry.known().rules]
    pair = PairText(instruction="Say it.", input=text, response=text)

    done = applying.treat(rules, pair)

    assert done.text == pair
    assert done.changes == []
