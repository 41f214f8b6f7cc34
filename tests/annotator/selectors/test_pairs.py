"""Pairs are found by what they are like, and a pair tells its history."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.selectors import history, pairs
from annotator.services import autosaving, commenting, reviewing
from annotator.services.reviewing import Marks
from annotator.web.pairs import history_words
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
MINE = PairText(instruction="Explain it.", response="All that I typed today.")


@pytest.fixture
def project(settings):
    settings.UNDO_SECONDS = 30
    return factories.make_drafted(3)


@pytest.fixture
def reviewed(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    lease = factories.claim(project, anna)
    return reviewing.submit(
        token=lease.token,
        person=anna,
        text=MINE,
        marks=Marks(["response.safety"], {("response", "before"): 20}),
    )


def found(project, **wanted):
    page = pairs.search(project, pairs.PairFilter(**wanted))
    return [pair.row for pair, _ in page.rows]


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ({}, [1, 2, 3]),
        ({"text": "WORD NUMBER 2"}, [3]),
        ({"state": "reviewed"}, [1]),
        ({"person": "anna"}, [1]),
        ({"person": "ben"}, []),
        ({"tag": "response.safety"}, [1]),
        ({"tag": "response.relevance"}, []),
        ({"distance_min": 5}, [1]),
        ({"distance_max": 4}, []),
        ({"person": "anna", "tag": "response.safety", "distance_min": 1}, [1]),
    ],
)
def test_a_filter_finds_what_it_says(project, reviewed, wanted, rows):
    assert found(project, **wanted) == rows


def test_pairs_are_found_by_the_coach_of_their_draft(project, reviewed):
    coach = reviewed.draft.coach

    assert found(project, coach=coach.pk) == [1, 2, 3]
    assert found(project, coach=coach.pk + 1) == []


def test_pages_follow_each_other_without_gap_or_overlap(project, monkeypatch):
    monkeypatch.setattr(pairs, "PAGE", 2)

    first = pairs.search(project, pairs.PairFilter())
    second = pairs.search(project, pairs.PairFilter(), first.after)

    assert [pair.row for pair, _ in (*first.rows, *second.rows)] == [1, 2, 3]
    assert second.after is None


def test_a_search_says_what_it_looked_for_and_how_to_clear_it(
    client, project, reviewed
):
    client.force_login(reviewed.author)
    address = reverse("pairs", args=["demo"])
    asked = {"text": "<b>", "state": "reviewed", "distance_min": "0"}

    page = client.get(address, asked).content.decode()

    assert "Text: <strong>&lt;b&gt;</strong>" in page
    assert "State: <strong>waiting for quality control</strong>" in page
    assert "Characters changed, from: <strong>0</strong>" in page
    assert f'<a class="button" href="{address}">Clear the filters</a>' in page


@pytest.mark.parametrize(
    "asked", ["state=nope", "coach=x", "distance_min=-1", "text=%00", "after=x"]
)
def test_a_filter_that_makes_no_sense_is_left_out(client, project, asked, reviewed):
    client.force_login(reviewed.author)

    answer = client.get(reverse("pairs", args=["demo"]) + f"?{asked}")

    assert len(answer.context["rows"]) == 3
    assert answer.context["filters"] == []


def test_the_history_tells_every_step_text_and_word(
    project, reviewed, django_assert_num_queries
):
    anna, pair = reviewed.author, reviewed.pair
    commenting.comment(pair=pair, author=anna, body="Is this so?")
    lease = factories.take_back(reviewed)
    autosaving.keep_text(token=lease.token, person=anna, text=pair.text)
    pair.refresh_from_db()

    with django_assert_num_queries(12):
        told = history.timeline(pair)

    kinds = {entry.kind for entry in told}
    assert kinds == {"step", "draft", "review", "comment", "typed"}
    assert [entry.at for entry in told] == sorted(entry.at for entry in told)
    words = history_words.entries(told)
    withdrawn = next(entry for entry in words if entry["withdrawn"])
    assert "taken back" in withdrawn["details"]
    assert "Safety" in withdrawn["details"]
