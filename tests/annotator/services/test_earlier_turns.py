"""The turns before a pair come in with it, tell pairs apart, and go out with it."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from annotator.formats.keys import read_row
from annotator.formats.shapes import giving_back
from annotator.models import Pair
from annotator.services import drafting, handing_out, rewriting
from tests import factories
from training.examples import fingerprint

pytestmark = pytest.mark.django_db

RULE = {"role": "system", "content": "Be brief."}
ASK = {"role": "user", "content": "Name a hill."}
SAY = {"role": "assistant", "content": "Arthur's Seat."}
MORE = {"role": "user", "content": "And a lake?"}
LAST = {"role": "assistant", "content": "Loch Ness."}
CHAT = {"messages": [RULE, ASK, SAY, MORE, LAST], "lang": "en"}


@pytest.fixture
def project():
    return factories.make_project()


def test_a_chat_becomes_a_pair_with_its_context(project):
    factories.import_rows(project, [CHAT])

    pair = Pair.objects.get()
    assert (pair.instruction, pair.response) == ("And a lake?", "Loch Ness.")
    assert pair.context == [RULE, ASK, SAY]
    assert pair.extra == {"lang": "en"}
    whole = giving_back.columns(pair.text, pair.context, pair.shape)
    assert whole == {"messages": CHAT["messages"]}


def test_the_same_exchange_after_other_turns_is_no_duplicate(project):
    other = {"messages": [ASK, LAST, MORE, LAST]}

    batch = factories.import_rows(project, [CHAT, other, CHAT])

    assert (batch.imported, batch.duplicates) == (2, 1)


def test_an_export_has_the_turns_and_is_a_duplicate_when_it_comes_again(project):
    leo = factories.make_member(project, Role.LEAD)
    revised = {
        "Revised Instruction": "And a lake?",
        "Revised Response": "Loch Lomond.",
    }
    row = {"instruction": "And a lake?", "output": "Loch Ness.", **revised}
    factories.import_rows(project, [{**row, "history": [RULE, ASK, SAY]}])

    (line,) = handing_out.jsonl(project=project, actor=leo)

    exported = json.loads(line)
    assert exported["system"] == "Be brief."
    assert exported["history"] == [["Name a hill.", "Arthur's Seat."]]
    again = read_row(1, exported)
    assert list(again.context) == [RULE, ASK, SAY]


def test_a_revised_dataset_has_the_turns_again(project):
    leo = factories.make_member(project, Role.LEAD)
    factories.make_coach(project)
    batch = factories.import_rows(project, [CHAT])

    rewrite = rewriting.start(
        project=project,
        actor=leo,
        coach=rewriting.coach_for(project),
        name="x",
        rows=rewriting.rows_of_batch(batch),
    )

    extra = rewrite.rows.get().extra
    assert extra["system"] == "Be brief."
    assert extra["history"] == [["Name a hill.", "Arthur's Seat."]]


def test_a_coach_is_shown_and_known_by_the_exchange_alone(project):
    factories.make_coach(project)
    factories.import_rows(project, [CHAT])

    (request,) = drafting.take_batch(project).requests

    pair = Pair.objects.get()
    assert request.text == pair.text
    assert pair.text_fingerprint == fingerprint(pair.text)
    assert pair.text_fingerprint != pair.fingerprint
