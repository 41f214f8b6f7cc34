from __future__ import annotations

import pytest

from annotator.domain.dataset_reports import ReportOrder, Source


def test_an_order_comes_back_from_json_as_it_went():
    order = ReportOrder(
        source=Source.BATCH, number=3, category="code", judges=("one",), seed=5
    )

    assert ReportOrder.from_dict(order.as_dict()) == order


def test_an_empty_order_is_all_accepted_pairs():
    order = ReportOrder.from_dict({})

    assert (order.source, order.threshold, order.seed) == (Source.ACCEPTED, 4.5, 17)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"source": "moon"}, "source must be one of accepted"),
        ({"source": "batch"}, "number: a report on batch needs one"),
        ({"number": 3}, "number: a report on accepted has none"),
        ({"threshold": "6"}, "threshold must be from 0 to 5"),
        ({"threshold": "nan"}, "threshold must be from 0 to 5"),
        ({"threshold": "much"}, "threshold must be a number"),
        ({"seed": -1}, "seed must be from 0"),
        ({"judges": ["a", "a"]}, "each is asked once"),
        ({"colour": "red"}, "unknown: colour"),
    ],
)
def test_what_is_wrong_is_named(given, told):
    with pytest.raises(ValueError, match=told):
        ReportOrder.from_dict(given)
