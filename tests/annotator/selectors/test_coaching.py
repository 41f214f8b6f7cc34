"""What the coaches page counts can be counted again from rows."""

from __future__ import annotations

import pytest

from annotator.models import Draft
from annotator.selectors import coaching
from annotator.services import drafting
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db


def test_refusals_of_the_active_coach_are_counted_by_reason():
    project = factories.make_project()
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(4))
    problems = ["", "loop", "loop", "too_long"]
    results = [
        DraftResult(key=r.key, text=r.text, problem=problem, mean_logprob=score)
        for r, problem, score in zip(
            drafting.take_batch(project).requests,
            problems,
            [-0.5, -1.5, None, None],
            strict=True,
        )
    ]
    drafting.store(coach_id=coach.pk, results=results)

    board = coaching.board(project)

    assert board.written == Draft.objects.filter(coach=coach).count() == 4
    assert list(board.refused.items()) == [("loop", 2), ("too_long", 1)]
    assert board.mean_logprob == -1.0


def test_without_a_coach_there_is_nothing_to_count():
    board = coaching.board(factories.make_project())

    assert (board.written, board.refused, board.mean_logprob) == (0, {}, None)
