"""The history of a pair says what people meant, not what the rows hold."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.models import Pair
from annotator.selectors import history
from annotator.services import drafting, skipping
from annotator.web.pairs import history_words
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


def test_a_skip_is_told_once_with_its_reason_in_words(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    lease = factories.claim(project, anna)
    reason, note = "not_my_field", "Ask a chemist."
    skipping.skip(token=lease.token, person=anna, reason=reason, note=note)

    told = history_words.entries(history.timeline(lease.pair))

    skips = [entry for entry in told if entry["title"] == "skipped the pair"]
    assert [entry["who"] for entry in skips] == ["anna"]
    assert skips[0]["note"] == "not my field\nAsk a chemist."


def test_a_pair_whose_draft_failed_is_not_said_to_have_got_one():
    project = factories.make_project()
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    [request] = drafting.take_batch(project).requests
    failed = DraftResult(key=request.key, text=request.text, problem="loop")
    drafting.store(coach_id=coach.pk, results=[failed])

    told = history_words.entries(history.timeline(Pair.objects.get()))

    assert [str(entry["title"]) for entry in told][-2:] == [
        "could not draft: its answer repeated itself",
        "became ready as it was imported: the coach could not draft it",
    ]
