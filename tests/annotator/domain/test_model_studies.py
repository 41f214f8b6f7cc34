"""What a model study is asked for, as people and programs type it."""

from __future__ import annotations

import pytest

from annotator.domain.model_studies import Dataset, StudyOrder


def test_an_order_comes_back_as_it_was_written():
    order = StudyOrder.from_dict(
        {"arms": "filtered raw", "seeds": "3, 4", "seen": "64", "minutes": 30}
        | {"tuning": "full", "judges": ["embedded", "endpoint"]}
    )

    assert order.arms == (Dataset.RAW, Dataset.FILTERED)  # the first is compared with
    assert (order.seeds, order.seen, order.models) == ((3, 4), 64, 4)
    assert StudyOrder.from_dict(order.as_dict()) == order


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"arms": ["raw"]}, "two or more"),
        ({"arms": ["raw", "raw"]}, "two or more"),
        ({"arms": ["raw", "best"]}, "got 'best'"),
        ({"arms": 3}, "arms must be a list"),
        ({"seeds": "1 1"}, "different numbers"),
        ({"seeds": list(range(11))}, "1 to 10"),
        ({"seeds": "x"}, "seeds must be a whole number"),
        ({"seeds": [-1]}, "seeds must be from 0"),
        ({"seen": 100_001}, "seen must be from 1"),
        ({"minutes": 0}, "minutes must be from 1"),
        ({"tuning": "half"}, "tuning must be one of lora, full"),
        ({"judges": "embedded embedded"}, "judges: name one or more, each once"),
        ({"base_model": 3}, "base_model must be a text"),
        ({"colour": "red"}, "unknown: colour"),
    ],
)
def test_what_is_wrong_is_named(given, told):
    with pytest.raises(ValueError, match=told):
        StudyOrder.from_dict(given)
