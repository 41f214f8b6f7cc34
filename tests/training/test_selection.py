"""A selection says which examples are learned from, and how much each counts."""

from __future__ import annotations

import pytest

from revision_engine.types import PairText
from training.examples import RevisionExample
from training.selection import Kind, Selection

DAY = 86_400.0
TEXT = PairText(instruction="Say.", response="One.")


def example(name: str, **values) -> RevisionExample:
    given = {"distance": 1, **values}
    return RevisionExample(source_id=name, raw=TEXT, revised=TEXT, **given)


def test_the_most_revised_share_counts_evenly():
    examples = [example("a", distance=1), example("b", distance=9)]

    chosen = Selection(alpha=0.5).choose(examples)

    assert [(e.source_id, e.weight) for e in chosen] == [("b", 1.0)]


def test_all_are_kept_as_they_are():
    examples = [example("a", distance=0), example("b")]

    assert Selection(kind=Kind.ALL).choose(examples) == examples


def test_an_example_counts_half_for_each_half_life_that_it_is_older():
    examples = [
        example("new", revised_at=100 * DAY),
        example("old", revised_at=90 * DAY),
        example("older", revised_at=80 * DAY),
    ]

    chosen = Selection(kind=Kind.NEWEST, half_life_days=10).choose(examples)

    assert [e.weight for e in chosen] == pytest.approx([1, 0.5, 0.25])


def test_a_corrected_example_counts_more():
    chosen = Selection(kind=Kind.FIXES, fix_weight=4).choose(
        [example("a", fixed=True), example("b")]
    )

    assert [e.weight for e in chosen] == [4, 1]


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_chosen_from_nothing(kind):
    assert Selection(kind=kind).choose([]) == []


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"kind": "best"}, "selection must be one of most_revised"),
        ({"alpha": 0}, "alpha"),
        ({"alpha": 1.1}, "alpha"),
        ({"alpha": "half"}, "alpha must be of the type float, got str"),
        ({"alpha": True}, "alpha must be of the type float, got bool"),
        ({"half_life_days": 0}, "half_life_days"),
        ({"fix_weight": float("inf")}, "fix_weight"),
        ({"colour": "blue"}, "unknown setting of the selection: colour"),
    ],
)
def test_what_cannot_be_used_is_named(values, named):
    with pytest.raises(ValueError, match=named):
        Selection.from_dict(values)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_saved_selection_holds_only_what_it_depends_on(kind):
    saved = Selection(kind=kind).as_dict()

    assert Selection.from_dict(saved) == Selection(kind=kind)
    assert len(saved) == (1 if kind == Kind.ALL else 2)
