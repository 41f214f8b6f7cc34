"""What a week's figures set off, and what they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotator.domain.report_hints import Hint, HintFigures, Now, look

QUIET = HintFigures(
    reviewed=100,
    reviewed_before=100,
    work_days=5,
    judged=80,
    judge_days=4,
    returned=8,
    with_draft=90,
    as_drafted=45,
    rewritten=9,
    kept_raw=5,
    drafts=100,
    unusable=4,
    rejected_rows=0,
    failed_runs=0,
    alarms=0,
    now=None,
)
NOW = Now(ready=40, coming=60, waiting_quality=20, parked=0)


def signs(**changed) -> set[str]:
    return {seen.sign for seen in look(replace(QUIET, **changed))}


def test_a_quiet_week_sets_off_nothing():
    assert signs() == set()
    assert signs(now=NOW) == set()


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"returned": 17}, Hint.RETURNED),
        ({"as_drafted": 82}, Hint.AS_DRAFTED),
        ({"kept_raw": 28}, Hint.KEPT_RAW),
        ({"rewritten": 28}, Hint.REWRITTEN),
        ({"unusable": 11}, Hint.UNUSABLE),
        ({"reviewed": 49}, Hint.LESS_WORK),
        ({"alarms": 1}, Hint.DRIFT),
        ({"failed_runs": 1}, Hint.RUNS_FAILED),
        ({"rejected_rows": 1}, Hint.ROWS_REJECTED),
        ({"now": replace(NOW, ready=9, coming=10)}, Hint.QUEUE_SHORT),
        ({"now": replace(NOW, waiting_quality=41)}, Hint.QUALITY_BEHIND),
        ({"now": replace(NOW, parked=1)}, Hint.PARKED),
        ({"now": NOW, "reviewed": 0, "work_days": 0}, Hint.NO_WORK),
    ],
)
def test_each_rule_is_set_off_beyond_its_bound(changed, sign):
    assert signs(**changed) == {sign}


def test_a_share_on_its_bound_is_no_sign():
    assert signs(returned=16, as_drafted=81, kept_raw=27) == set()


def test_of_few_nothing_is_said():
    assert signs(judged=9, returned=9, with_draft=19, as_drafted=19) == set()
    assert signs(reviewed=1, reviewed_before=19) == set()


def test_a_week_that_is_not_over_is_not_less_work():
    assert Hint.LESS_WORK not in signs(reviewed=10, now=NOW)


def test_a_sign_has_its_numbers():
    (seen,) = look(replace(QUIET, returned=20))

    assert (seen.value, seen.bound, seen.of) == (0.25, 0.2, 80)
