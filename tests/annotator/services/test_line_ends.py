"""Whatever line ends a text comes with, it is stored with one sign a line."""

from __future__ import annotations

import io
import json

import pytest

from annotator.formats import csv_pairs
from annotator.formats.reading import read_pairs
from annotator.models import Draft, Pair
from annotator.services import drafting, rewriting
from annotator.web.forms import TextForm
from annotator.web.project.forms import ProjectForm
from revision_engine.types import DraftResult, PairText
from tests import factories
from training.examples import edit_distance

pytestmark = pytest.mark.django_db
ROW = {"instruction": "Note.\r\nPolite.", "input": "a\rb", "output": "Dear,\r\n\r\nend"}
LF = PairText(instruction="Note.\nPolite.", input="a\nb", response="Dear,\n\nend")
FILES = {
    "a.json": json.dumps([ROW]),
    "a.jsonl": json.dumps(ROW),
    "a.csv": "".join(csv_pairs.write([ROW])),
}


def texts(rows):
    return [
        PairText(instruction=r.instruction, input=r.input, response=r.response)
        for r in rows
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_read_with_newlines(name):
    rows = list(read_pairs(io.BytesIO(FILES[name].encode()), name=name))

    assert texts(rows) == [LF]


def test_rows_of_the_api_are_read_with_newlines_and_so_is_the_revised_side():
    revised = {
        "Revised Instruction": "Note.\r\nKind.",
        "Revised Input": "",
        "Revised Response": "Dear\rend",
    }

    (row,) = rewriting.rows_of_objects([{**ROW, **revised}])

    assert texts([row]) == [LF]
    assert row.revised == PairText(
        instruction="Note.\nKind.", input="", response="Dear\nend"
    )


def test_a_file_with_other_line_ends_is_the_same_file():
    project = factories.make_project()
    unix = {"instruction": LF.instruction, "input": LF.input, "output": LF.response}
    factories.import_rows(project, [ROW])

    batch = factories.import_rows(project, [unix])

    assert (batch.imported, batch.duplicates) == (0, 1)
    assert Pair.objects.get().text == LF


def test_what_a_browser_sends_is_kept_as_it_was_typed():
    form = TextForm({"instruction": "a\r\nb", "input": "", "response": "c\rd"})

    assert form.text() == PairText(instruction="a\nb", input="", response="c\nd")


def test_the_wording_of_a_coach_is_no_other_after_the_settings_were_saved():
    project = factories.make_project(wording="Improve it.\nKeep it short.")
    typed = {
        **ProjectForm(instance=project).initial,
        "wording": "Improve it.\r\nKeep it short.",
    }

    form = ProjectForm(typed, instance=project)

    assert form.is_valid(), form.errors
    assert form.save().wording == "Improve it.\nKeep it short."


def test_a_coach_that_writes_returns_is_stored_with_newlines():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, [ROW])
    batch = drafting.take_batch(project)
    written = PairText(instruction="Note.\r\nPolite.", input="a\nb", response="D\rend")

    drafting.store(
        coach_id=batch.coach.pk,
        results=[DraftResult(key=batch.requests[0].key, text=written)],
    )

    draft = Draft.objects.get()
    assert draft.text == PairText(
        instruction=LF.instruction, input=LF.input, response="D\nend"
    )
    assert draft.edit_chars == edit_distance(LF, draft.text)
